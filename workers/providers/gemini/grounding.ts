import { asRecord } from '../../formats/as-record.ts'
import { recordsOf } from '../../formats/read-sent.ts'
import { toldUnits } from '../told-extras.ts'

/** Models before the third generation are billed once for each request that was grounded, however often it searched. */
const BILLED_ONCE = /^gemini-[12]\b/

function queriesIn(candidate: Record<string, unknown>): unknown[] {
  const { webSearchQueries } = asRecord(candidate.groundingMetadata)
  return Array.isArray(webSearchQueries) ? webSearchQueries.filter(query => query !== '') : []
}

/** Whether a model is billed once for a request that was grounded. Source: Gemini API pricing, grounding with Google Search. */
export function isGroundedOnce(model: string): boolean {
  return BILLED_ONCE.test(model.replace(/^models\//, ''))
}

/** The searches of an answer or a chunk, as its model is billed for them. */
export function groundingSearches({ candidates, modelVersion }: Record<string, unknown>) {
  const queries = recordsOf(candidates).flatMap(queriesIn).length
  const isOnce = typeof modelVersion === 'string' && isGroundedOnce(modelVersion)
  return toldUnits({ web_searches: isOnce ? Math.min(1, queries) : queries })
}
