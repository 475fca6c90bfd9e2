import { z } from 'zod'
import type { EventDimension } from '../../db/rollup/dimensions.ts'
import type { SumQuery, UsageFilter } from '../../db/rollup/sum-query.ts'
import { badParam, type Query } from '../http/query.ts'

const NAMES = [
  ...(['provider', 'model', 'virtual_key_id', 'team', 'feature'] as const),
  ...(['agent_name', 'user_id', 'entity_type', 'entity_id'] as const),
] as const satisfies EventDimension[]
/** The most tags that one question may ask for at once. */
const MAX_TAGS = 10

const text = z.string().optional()

/** The query parameters that say whose usage is asked for. */
export const UsageFilterQuery = z.object({
  ...(Object.fromEntries(NAMES.map(name => [name, text])) as Record<(typeof NAMES)[number], typeof text>),
  tags: text.meta({ description: 'A JSON object of texts, all of which an event must have.' }),
})

const TagFilter = z
  .record(z.string().min(1), z.union([z.string().min(1), z.number(), z.boolean()]).transform(String))
  .refine(tags => Object.keys(tags).length <= MAX_TAGS)

function readTags(asked: string): Record<string, string> {
  try {
    return TagFilter.parse(JSON.parse(asked))
  } catch {
    const rule = `a JSON object of at most ${MAX_TAGS} texts, none empty, such as {"department":"research"}`
    throw badParam('tags', rule)
  }
}

/** Whose usage a query asks for. Throws `request_invalid`, which names the parameter. */
export function readUsageFilter(query: Query): Pick<SumQuery, 'filter' | 'tags'> {
  const names = NAMES.flatMap(name => (query[name] ? [[name, query[name]]] : []))
  const filter: UsageFilter = Object.fromEntries(names)
  return { filter, ...(query.tags && { tags: readTags(query.tags) }) }
}
