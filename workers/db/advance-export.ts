import { asc, sql } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import { type ExportJob, type ExportRef, isExport, isHeld, isScratchOf } from './export-job.ts'
import { inOneBatch, type Statement } from './in-one-batch.ts'
import { onlyIf, wasSo } from './only-if.ts'
import { exportGroup, exportJob, exportPart } from './schema/exports.ts'

/** Charges of a day that agree in all that they are told apart by. */
export type GroupAmount = { dayMs: number; groupKey: string; quantity: number; amountPico: string }

/** What a step came to: how the export is after it, and the part that it wrote. `forgetParts`: those before are good for nothing. */
export type ExportStep = { changes: Partial<ExportJob>; part?: { number: number; etag: string }; forgetParts?: true }

async function writeHeld(db: ConfigDb, job: ExportJob, statements: Statement[]): Promise<boolean> {
  return wasSo(() => inOneBatch(db, [onlyIf(job.tenantId, isHeld(job)), ...statements]))
}

function change(db: ConfigDb, job: ExportJob, changes: Partial<ExportJob>): Statement {
  return db.update(exportJob).set(changes).where(isExport(job))
}

/** Writes down a step, in one transaction; `false` where the export is no longer where it was read, and nothing is written. */
export function advanceExport(db: ConfigDb, job: ExportJob, step: ExportStep): Promise<boolean> {
  const { tenantId, id: exportId } = job
  const { changes, part, forgetParts } = step
  const forget = forgetParts ? [db.delete(exportPart).where(isScratchOf(job).parts)] : []
  const parts = part ? [db.insert(exportPart).values({ tenantId, exportId, ...part })] : []
  return writeHeld(db, job, [...forget, ...parts, change(db, job, changes)])
}

// Amounts are texts in JSON: a day's may be more than a JavaScript number holds.
function addGroups({ tenantId, id }: ExportJob, groups: GroupAmount[]): Statement {
  return sql`INSERT INTO ${exportGroup} (tenant_id, export_id, day_ms, group_key, quantity, amount_pico)
    SELECT ${tenantId}, ${id}, value ->> 'dayMs', value ->> 'groupKey', value ->> 'quantity',
      CAST(value ->> 'amountPico' AS INTEGER) FROM json_each(${JSON.stringify(groups)}) WHERE true
    ON CONFLICT (tenant_id, export_id, day_ms, group_key) DO UPDATE
    SET quantity = quantity + excluded.quantity, amount_pico = amount_pico + excluded.amount_pico`
}

/** The most groups in one statement: D1 takes texts of two million bytes. */
const GROUPS_PER_STATEMENT = 500

/** Adds what was read to an export's sums and moves it on, in one transaction; `false` as in `advanceExport`. */
export function gatherExport(
  db: ConfigDb,
  job: ExportJob,
  { groups, changes }: { groups: GroupAmount[]; changes: Partial<ExportJob> },
): Promise<boolean> {
  const count = Math.ceil(groups.length / GROUPS_PER_STATEMENT)
  const slices = Array.from({ length: count }, (_, index) => index * GROUPS_PER_STATEMENT)
  const adds = slices.map(from => addGroups(job, groups.slice(from, from + GROUPS_PER_STATEMENT)))
  return writeHeld(db, job, [...adds, change(db, job, changes)])
}

/** The parts that were written of an export, in their order. */
export function listExportParts(db: ConfigDb, ref: ExportRef): Promise<{ partNumber: number; etag: string }[]> {
  return db
    .select({ partNumber: exportPart.number, etag: exportPart.etag })
    .from(exportPart)
    .where(isScratchOf(ref).parts)
    .orderBy(asc(exportPart.number))
}

/** Ends an export, takes away what was needed to write it, and runs `more`: one transaction. Answers the rows of `more`, or nothing where `advanceExport` answers `false`. */
export async function endExport(
  db: ConfigDb,
  job: ExportJob,
  { changes, more = [] }: { changes: Partial<ExportJob>; more?: Statement[] },
): Promise<unknown[] | undefined> {
  const scratch = isScratchOf(job)
  const clear = [db.delete(exportPart).where(scratch.parts), db.delete(exportGroup).where(scratch.groups)]
  const before = [onlyIf(job.tenantId, isHeld(job)), ...clear, change(db, job, changes)]
  let rows: unknown[] = []
  const write = async () => {
    rows = (await inOneBatch(db, [...before, ...more])).slice(before.length).flat()
  }
  return (await wasSo(write)) ? rows : undefined
}
