import type { RecordedEvent } from '../../core/usage.ts'
import type { EventQuery } from '../../db/event-query.ts'
import type { ExportJob } from '../../db/export-job.ts'
import type { AccountingPorts } from '../ports.ts'
import { idsOf, readEvents } from './read-events.ts'

/** The events that an export is of and that it has not read yet: as they were when it was asked for. */
export async function* eventsOf(job: ExportJob, ports: AccountingPorts): AsyncGenerator<RecordedEvent> {
  const query: EventQuery = { tenantId: job.tenantId, ...job.query, asOfMs: job.createdMs }
  const db = await ports.eventsDb(job.tenantId)
  yield* readEvents(query, job.cursor || idsOf(query).after, { db, ...ports.exports })
}
