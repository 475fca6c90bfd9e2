import { loweredCap } from '../lowered-cap.ts'

/**
 * The field a vendor reads its output cap from. One that wants `max_completion_tokens` still reads `max_tokens`; one
 * that wants `max_tokens` ignores or refuses the other.
 */
export type OutputCapField = 'max_completion_tokens' | 'max_tokens'

/** `maxOutputTokens` is per choice; `undefined` leaves the caller's cap as it is. */
export type CapSetting = { outputCapField: OutputCapField; maxOutputTokens: number | undefined }

type Caps = Partial<Record<OutputCapField, unknown>>

const FIELDS = ['max_completion_tokens', 'max_tokens'] as const

/** The caller's caps under the names that the vendor reads. `undefined` drops a field from the JSON. */
function vendorCaps(chat: Record<string, unknown>, outputCapField: OutputCapField): Caps {
  const { max_completion_tokens: newer, max_tokens: older } = chat
  if (outputCapField === 'max_completion_tokens' || newer === undefined) return {}
  return { max_completion_tokens: undefined, max_tokens: newer ?? older }
}

/** The cap fields to lay over a chat so that no choice of its answer is longer than `maxOutputTokens`. */
export function outputCap(chat: Record<string, unknown>, setting: CapSetting): Caps {
  const { outputCapField, maxOutputTokens: max } = setting
  const renamed = vendorCaps(chat, outputCapField)
  if (max === undefined) return renamed
  const caps: Caps = { ...chat, ...renamed }
  const present = FIELDS.filter(field => caps[field] != null)
  const fields = present.length > 0 ? present : [outputCapField]
  return { ...renamed, ...Object.fromEntries(fields.map(field => [field, loweredCap(caps[field], max)])) }
}
