import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { usageOf } from '../../formats/cohere-chat/usage.ts'
import { countOf } from '../../formats/read-sent.ts'

/**
 * Usage of a whole answer, or of the event that ends a stream: `billed_units`, which leave out Cohere's own preamble, where
 * `tokens` are all that the model read. `undefined` where neither has both totals. Source: Cohere API reference, Chat,
 * `usage`.
 */
export function readCohereUsage(body: unknown): BillableUsage | undefined {
  const { usage, delta } = asRecord(body)
  const sent = asRecord(usage ?? asRecord(delta).usage)
  const counts = [sent.billed_units, sent.tokens].map(asRecord)
  const isTold = (name: string) => counts.some(count => countOf(count[name]) !== undefined)
  if (!isTold('input_tokens') || !isTold('output_tokens')) return undefined
  const told = usageOf(sent)
  return told && { ...NO_USAGE, ...told }
}
