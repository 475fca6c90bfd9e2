import type { UnitCounts } from '../core/pricing/index.ts'
import type { FormatName } from '../formats/format-name.ts'

/**
 * A request as its wire reads it: what the stages decide by. `raw` is the body as sent, to be passed on; `bytes` of its
 * UTF-8 text.
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
}
