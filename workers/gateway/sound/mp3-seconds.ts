// Source: ISO/IEC 11172-3 and 13818-3, the header of a frame (layer III only), and id3.org for the tag before the frames.
const BITRATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const BITRATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
const SAMPLE_RATES = [44_100, 48_000, 32_000]
const TAG_HEAD_BYTES = 10
const HEAD_BYTES = 4

type Frame = { bytes: number; seconds: number }

function sampleRateOf(version: number, index: number): number | undefined {
  const divisor = { 3: 1, 2: 2, 0: 4 }[version]
  const rate = SAMPLE_RATES[index]
  return divisor !== undefined && rate !== undefined ? rate / divisor : undefined
}

function frameAt(file: Uint8Array, at: number): Frame | undefined {
  const [a = 0, b = 0, c = 0] = file.subarray(at, at + HEAD_BYTES)
  const [version, layer] = [(b >> 3) & 3, (b >> 1) & 3]
  if (a !== 0xff || b >> 5 !== 7 || layer !== 1) return undefined
  const kilobits = (version === 3 ? BITRATES_1 : BITRATES_2)[c >> 4]
  const rate = sampleRateOf(version, (c >> 2) & 3)
  if (!kilobits || !rate) return undefined
  const samples = version === 3 ? 1152 : 576
  const bytes = Math.floor((samples * 125 * kilobits) / rate) + ((c >> 1) & 1)
  return { bytes, seconds: samples / rate }
}

// A tag's length has seven bits in each byte.
function firstFrameAt(file: Uint8Array): number {
  const [i, d, three, , , , ...size] = file.subarray(0, TAG_HEAD_BYTES)
  if (i !== 0x49 || d !== 0x44 || three !== 0x33) return 0
  return TAG_HEAD_BYTES + size.reduce((total, byte) => total * 128 + (byte & 127), 0)
}

/**
 * How long an MP3 lasts, frame by frame, so that a changing bitrate is no matter; `undefined` for what is none, and where
 * what is behind its frames is more than a tag: then nobody knows how a decoder goes on.
 */
export function mp3Seconds(file: Uint8Array): number | undefined {
  let at = firstFrameAt(file)
  let seconds = 0
  for (let frame = frameAt(file, at); frame && at < file.length; frame = frameAt(file, at)) {
    seconds += frame.seconds
    at += frame.bytes
  }
  const isTag = file.length - at <= 128 || (file[at] === 0x41 && file[at + 1] === 0x50)
  return seconds > 0 && isTag ? seconds : undefined
}
