import type { UnitCounts } from '../core/pricing/index.ts'
import type { FormatName } from '../formats/format-name.ts'

/**
 * What a request that is no conversation can use at most. It follows from what is asked, so that no output cap can lower it,
 * and it is held in full.
 */
export type FixedUse = {
  inputTokens: number
  /** Of all that is made; a model may differ from others. */
  outputTokens(model: string): number
  /** Instead of the tokens, at a model that is billed by these. */
  units: UnitCounts
  /** Which variant of a model's prices it asks for, such as an image's size and quality. */
  variant?: string
  /** Whether `units` is what is billed, so that no answer has to say it. */
  isExact?: boolean
}

/**
 * A request as its wire reads it: what the stages decide by. `raw` is the body as sent, to be passed on; `bytes` of its
 * UTF-8 text, or of its form.
 */
export type Ask = {
  format: FormatName
  raw: Record<string, unknown>
  bytes: number
  model: string
  isStream: boolean
  /** How many answers are asked for. */
  choices: number
  /** The output cap of one answer, in tokens, where the caller sets one. */
  outputCap: number | undefined
  /** Tokens of one answer that may be billed beyond that cap. */
  beyondCap: number
  /** Whether there is anything but text in it: it is billed by rules of its own. */
  hasMedia: boolean
  /** Whether it asks for cache writes that are kept for an hour, which cost more. */
  mayWrite1h: boolean
  /** The service tier that is asked for, in the wire's own word. */
  serviceTier?: string | undefined
  /** The most that can be billed beside the tokens. */
  units?: UnitCounts | undefined
  /** How often more the model may be asked by tools that the provider runs: each time it reads all that there is by then. */
  rounds?: number | undefined
  /** The caller's headers that go on to a provider of the same format, in lower case. */
  forwards: readonly string[]
  /** Whether the client wants the usage event that a streaming vendor is asked for. */
  keepsUsage: boolean
  /** Of what is no conversation. */
  fixed?: FixedUse
  /** What it came as, where that was a form; `raw` has its texts. */
  form?: FormData
  /** Whether the answer is sound, to be passed on as it comes. */
  isSound?: boolean
}
