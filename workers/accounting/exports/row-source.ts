import { EVENT_COLUMNS, eventRow } from '../../core/export/event-row.ts'
import type { ExportRow } from '../../core/export/row-layout.ts'
import { readGroupKey } from '../../core/focus/charge.ts'
import { focusColumns } from '../../core/focus/columns.ts'
import { focusRenderer } from '../../core/focus/render-focus.ts'
import type { ExportJob } from '../../db/export-job.ts'
import { findTenantById } from '../../db/find-tenant.ts'
import { listExportGroups } from '../../db/list-export-groups.ts'
import type { AccountingPorts } from '../ports.ts'
import { eventsOf } from './events-of.ts'

/** A row, where it is in its source, and what of events it tells: none where those were counted before. */
export type SourceRow = { cursor: string; row: ExportRow; events: number; costNano: number }

/** What an export is made of: its columns, and its rows after a cursor. */
export type RowSource = { columns: readonly string[]; rows(after: string): AsyncGenerator<SourceRow> }

/** So many rows are read at once. */
const PAGE = 1000

function eventSource(job: ExportJob, ports: AccountingPorts): RowSource {
  return {
    columns: EVENT_COLUMNS,
    async *rows() {
      for await (const event of eventsOf(job, ports)) {
        yield { cursor: event.id, row: eventRow(event), events: 1, costNano: event.cost_nano }
      }
    },
  }
}

function readCursor(cursor: string): { afterDayMs: number; afterKey: string } {
  const [afterDayMs, afterKey]: [number, string] = cursor === '' ? [-1, ''] : JSON.parse(cursor)
  return { afterDayMs, afterKey }
}

async function focusSource(job: ExportJob, { db }: AccountingPorts): Promise<RowSource> {
  const version = job.focusVersion ?? '1.4'
  const tenant = await findTenantById(db, job.tenantId)
  const render = focusRenderer(version, { id: job.tenantId, name: tenant?.displayName ?? tenant?.name ?? job.tenantId })
  return {
    columns: focusColumns(version),
    async *rows(after) {
      for (let at = after; ; ) {
        const page = await listExportGroups(db, job, { ...readCursor(at), limit: PAGE })
        for (const { dayMs, groupKey, quantity, amountPico } of page) {
          at = JSON.stringify([dayMs, groupKey])
          const sum = { dayMs, group: readGroupKey(groupKey), quantity, amountPico: BigInt(amountPico) }
          yield { cursor: at, row: render(sum), events: 0, costNano: 0 }
        }
        if (page.length < PAGE) return
      }
    },
  }
}

/** What an export is made of. */
export function rowSource(job: ExportJob, ports: AccountingPorts): RowSource | Promise<RowSource> {
  return job.dataset === 'focus' ? focusSource(job, ports) : eventSource(job, ports)
}
