import { EventsArchived } from '../../db/rollup/events-archived.ts'
import type { SumQuery, UsageSum } from '../../db/rollup/sum-query.ts'
import type { SumName } from '../../db/rollup/sums.ts'
import type { ReadObject } from '../../db/segment/scan-days.ts'
import { type SumPage, sumAllUsage } from '../../db/sum-usage.ts'
import { badParam } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'

const RULE =
  'later, or of whole days and fewer names: events of that time are in the archive, and what is kept of them does not tell this'

/** The answers of several questions, of one instant. Throws `request_invalid` where they ask too much of what is in the archive. */
export async function askAllUsage<S extends SumName>(
  queries: SumQuery<S>[],
  ports: ControlPorts,
): Promise<SumPage<S>[]> {
  // All of one tenant: the caller's.
  const [first] = queries
  if (!first) return []
  const read: ReadObject = async (key, range) => (await (await ports.exports.open(key, range))?.arrayBuffer()) ?? null
  return sumAllUsage(await ports.eventsDb(first.tenantId), queries, { read }).catch(error => {
    throw error instanceof EventsArchived ? badParam('start_date', RULE) : error
  })
}

/** The answer of one question. Throws as `askAllUsage`. */
export async function askUsage<S extends SumName>(query: SumQuery<S>, ports: ControlPorts): Promise<UsageSum<S>[]> {
  const [page] = await askAllUsage([query], ports)
  return page?.sums ?? []
}
