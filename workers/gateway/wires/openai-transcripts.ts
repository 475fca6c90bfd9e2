import { TranscriptRequest } from '../../contracts/audio-request.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { FormatName } from '../../formats/format-name.ts'
import type { Ask, FixedUse } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { secondsOf } from '../sound/seconds-of.ts'
import { fixedAsk } from './fixed-ask.ts'
import { textBytes } from './form-parts.ts'
import { openaiMediaWire } from './openai-media.ts'
import type { Incoming, Wire } from './wire.ts'

/** Twice what a second of sound is billed as (https://platform.openai.com/docs/guides/realtime-costs: one for 100 ms). */
const INPUT_TOKENS_PER_SECOND = 20
/** More text than anybody speaks, and its marks. */
const OUTPUT_TOKENS_PER_SECOND = 16
const LEAST_OUTPUT_TOKENS = 2048

function soundOf({ file }: Incoming): Uint8Array {
  if (file) return file
  throw new GatewayError('request_invalid', 'file: send one.', { param: 'file' })
}

function useOf(seconds: number, bytes: number): FixedUse {
  return {
    inputTokens: seconds * INPUT_TOKENS_PER_SECOND + bytes,
    outputTokens: () => Math.max(LEAST_OUTPUT_TOKENS, seconds * OUTPUT_TOKENS_PER_SECOND),
    units: { audio_seconds: seconds },
  }
}

function read(format: FormatName, incoming: Incoming): Ask {
  const { model, stream } = readFields(TranscriptRequest, incoming.raw)
  const fixed = useOf(secondsOf(soundOf(incoming)), textBytes(incoming.form))
  return fixedAsk(incoming, { format, model, isStream: stream === true, fixed })
}

function formWire(format: FormatName): Wire {
  return { ...openaiMediaWire(format, incoming => read(format, incoming)), form: { reads: 'file' } }
}

/** OpenAI's transcriptions: sound, written down. Source: OpenAI API reference, Audio. */
export const openaiTranscriptionsWire = formWire('openai-transcriptions')

/** The same, in English. Source: the same. */
export const openaiTranslationsWire = formWire('openai-translations')
