import { SpeechRequest } from '../../contracts/audio-request.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { fixedAsk } from './fixed-ask.ts'
import { openaiMediaWire } from './openai-media.ts'
import type { Incoming } from './wire.ts'

/**
 * Tokens of sound to a character of text, more than the slowest speech: a minute costs about 1.5 cents
 * (https://platform.openai.com/docs/pricing), which is 21 tokens a second, and half a second a character is a very slow one.
 */
const TOKENS_PER_CHARACTER = 10
/** Of what is heard before and after a text. */
const SILENCE_TOKENS = 256

function read(incoming: Incoming): Ask {
  const { model, input, speed, stream_format } = readFields(SpeechRequest, incoming.raw)
  const characters = [...input].length
  const spoken = Math.ceil((characters * TOKENS_PER_CHARACTER + SILENCE_TOKENS) / Math.min(1, speed ?? 1))
  const isStream = stream_format === 'sse'
  return fixedAsk(incoming, {
    format: 'openai-speech',
    model,
    isStream,
    isSound: !isStream,
    fixed: { inputTokens: incoming.bytes, outputTokens: () => spoken, units: { characters }, isExact: true },
  })
}

/** OpenAI's speech: a text, spoken. Source: OpenAI API reference, Audio. */
export const openaiSpeechWire = openaiMediaWire('openai-speech', read)
