import { findIdleExports } from '../../db/claim-export.ts'
import { type Counts, countInTurn } from '../count-done.ts'
import type { AccountingPorts } from '../ports.ts'
import { runExport } from './run-export.ts'

/** The most exports that one run of the cron takes up. */
const MAX_EXPORTS = 3
/** How long a queue has to bring an export to somebody before the cron does, in milliseconds. */
const PATIENCE_MS = 30_000

/** Goes on with exports that were left: whose runner was killed, or which no message told of. Counts are exports. */
export async function resumeExports(ports: AccountingPorts): Promise<Counts> {
  const nowMs = ports.nowMs()
  const refs = await findIdleExports(ports.db, { nowMs, touchedBeforeMs: nowMs - PATIENCE_MS, limit: MAX_EXPORTS })
  return countInTurn(refs, ref => runExport(ref, ports))
}
