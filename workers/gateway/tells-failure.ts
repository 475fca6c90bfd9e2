import { asRecord } from '../formats/as-record.ts'

/** Where wires have what was generated. */
const ANSWERS = ['choices', 'content', 'output', 'candidates']

/**
 * Whether the body of a success says that it is none: some vendors fail after they have sent a 200. Nothing is billed then. AWS
 * and Cohere have no `error`: their failures are a `message` that is a text, and nothing else.
 */
export function tellsFailure(body: unknown): boolean {
  const said = asRecord(body)
  const { error, message, usage, usageMetadata } = said
  if (usage != null || usageMetadata != null) return false
  if (error != null && error !== false) return true
  return typeof message === 'string' && ANSWERS.every(name => said[name] == null)
}
