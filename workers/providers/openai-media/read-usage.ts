import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { countOf as count } from '../../formats/read-sent.ts'

type Sent = Record<string, unknown>

/** A part of `total`; nothing where the vendor does not say, and never more than there is. */
function part(value: unknown, total: number): number {
  return Math.min(count(value) ?? 0, total)
}

function firstCount(...values: unknown[]): number | undefined {
  return values.map(count).find(value => value !== undefined)
}

/** Usage of embeddings, moderations and rankings that are billed by tokens. `undefined` where no total is told. */
export function readInputUsage(body: unknown): BillableUsage | undefined {
  const { prompt_tokens, input_tokens, total_tokens } = asRecord(asRecord(body).usage)
  const inputTokens = firstCount(prompt_tokens, input_tokens, total_tokens)
  return inputTokens === undefined ? undefined : { ...NO_USAGE, inputTokens }
}

/** Usage of a ranking: by searches, as Cohere bills it, or by tokens. */
export function readRerankUsage(body: unknown): BillableUsage | undefined {
  const searches = count(asRecord(asRecord(asRecord(body).meta).billed_units).search_units)
  return searches === undefined ? readInputUsage(body) : { ...NO_USAGE, units: { search_units: searches } }
}

function pictureTokens({ input_tokens, output_tokens, ...sent }: Sent): BillableUsage | undefined {
  const [inputTokens, outputTokens] = [count(input_tokens), count(output_tokens)]
  if (inputTokens === undefined || outputTokens === undefined) return undefined
  const sentDetails = asRecord(sent.input_tokens_details)
  const madeDetails = asRecord(sent.output_tokens_details)
  return {
    ...NO_USAGE,
    inputTokens,
    outputTokens,
    cachedInputTokens: part(sentDetails.cached_tokens, inputTokens),
    inputImageTokens: part(sentDetails.image_tokens, inputTokens),
    // What is made is a picture, where nothing tells it apart from text.
    outputImageTokens: part(madeDetails.image_tokens ?? outputTokens, outputTokens),
  }
}

/** Usage of images: the tokens that are told, else so many as there are. Source: OpenAI API reference, Images. */
export function readImagesUsage(body: unknown): BillableUsage | undefined {
  const { usage, data } = asRecord(body)
  const told = pictureTokens(asRecord(usage))
  if (told) return told
  return Array.isArray(data) ? { ...NO_USAGE, units: { images: data.length } } : undefined
}

function heardTokens({ input_tokens, output_tokens, ...sent }: Sent): BillableUsage | undefined {
  const [inputTokens, outputTokens] = [count(input_tokens), count(output_tokens)]
  if (inputTokens === undefined || outputTokens === undefined) return undefined
  const { audio_tokens } = asRecord(sent.input_token_details ?? sent.input_tokens_details)
  return { ...NO_USAGE, inputTokens, outputTokens, inputAudioTokens: part(audio_tokens, inputTokens) }
}

// Begun seconds are billed whole. Some answers have the number as a text.
function wholeSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : undefined
}

/** Usage of a transcript: tokens, or the seconds that were heard. Source: OpenAI API reference, Transcriptions. */
export function readTranscriptUsage(body: unknown): BillableUsage | undefined {
  const { usage, duration } = asRecord(body)
  const told = heardTokens(asRecord(usage))
  if (told) return told
  const seconds = wholeSeconds(asRecord(usage).seconds) ?? wholeSeconds(duration)
  return seconds === undefined ? undefined : { ...NO_USAGE, units: { audio_seconds: seconds } }
}

/** Usage of speech, where it is told: its output is sound. Source: OpenAI API reference, Speech, `speech.audio.done`. */
export function readSpeechUsage(body: unknown): BillableUsage | undefined {
  const told = heardTokens(asRecord(asRecord(body).usage))
  return told && { ...told, outputAudioTokens: told.outputTokens }
}
