import { mp3Seconds } from './mp3-seconds.ts'
import { wavSeconds } from './wav-seconds.ts'

/** The lowest bitrate that speech is recorded at, 6 kbit/s (Opus, RFC 6716 section 2.1.1), as bytes a second. */
const LEAST_BYTES_PER_SECOND = 750

/**
 * The most whole seconds that a file of sound can last, begun ones counted, one at least: what its frames say in a WAV or an
 * MP3, else what its length is at the lowest bitrate that speech is recorded at.
 */
export function secondsOf(file: Uint8Array): number {
  const seconds = wavSeconds(file) ?? mp3Seconds(file) ?? file.byteLength / LEAST_BYTES_PER_SECOND
  return Math.max(1, Math.ceil(seconds))
}
