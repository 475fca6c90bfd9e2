import type { AuditRow } from '../../db/audited-batch.ts'
import { countWideLimits } from '../../db/count-wide-limits.ts'
import type { Statement } from '../../db/in-one-batch.ts'
import type { LimitRows } from '../../db/key-record.ts'
import { saveScope } from '../../db/save-scope.ts'
import type { ScopeRecord } from '../../db/scope-record.ts'
import type { ControlPorts } from '../ports.ts'
import { invalid, nameTaken } from './invalid.ts'
import { limitsOf } from './limits-of.ts'
import type { Saved } from './put-scope-in-force.ts'

const MAX_LIMITS = 100
/** Every key's snapshot holds all limits that could bind any key, and every admission reads it. */
const MAX_WIDE_LIMITS = 500

/** A scope before and after a change, and what else the change writes. */
export type ScopeEdit = {
  before: LimitRows
  after: ScopeRecord
  rows?: Statement[]
  /** The keys in the scope change even where its limits do not. */
  movesKeys?: boolean
  /** The scope has another name, which the rules of the keys in it may ask for. */
  isRenamed?: boolean
  audit: AuditRow
}

// Maxima, and whom a limit warns, are known to budget objects alone.
function shapeOf(rows: LimitRows): string {
  return JSON.stringify(limitsOf(rows).map(limit => ({ ...limit, max: 0, thresholds: [] })))
}

// The rows and not their limits: a row can say what shows in none of them, such as January 1.
function textOf({ budgets, rateLimits }: LimitRows): string {
  return JSON.stringify([...budgets, ...rateLimits].map(row => ({ ...row, updatedMs: 0 })))
}

async function checkCount({ before, after }: ScopeEdit, ports: ControlPorts): Promise<void> {
  const count = limitsOf(after).length
  if (count <= limitsOf(before).length) return
  if (count > MAX_LIMITS) throw invalid(`${after.scope} cannot have more than ${MAX_LIMITS} limits`)
  if (/^(team|customer):/.test(after.scope)) return
  if (count + (await countWideLimits(ports.db, after)) <= MAX_WIDE_LIMITS) return
  throw invalid(`A tenant cannot have more than ${MAX_WIDE_LIMITS} limits above its keys, teams and customers`)
}

/** Writes a changed scope; `undefined` where it was changed meanwhile and must be read again. Throws `request_invalid`. */
export async function saveScopeRecord(edit: ScopeEdit, ports: ControlPorts): Promise<Saved | undefined> {
  const { before, after, rows = [], movesKeys = false, isRenamed = false, audit } = edit
  await checkCount(edit, ports)
  const isReshaped = shapeOf(before) !== shapeOf(after)
  const result = await saveScope(ports.db, {
    record: after,
    rows,
    audit,
    touches: isReshaped || movesKeys ? 'bound_keys' : isRenamed ? 'ruled_keys' : 'no_keys',
    keepsLimits: textOf(before) === textOf(after),
  })
  if (result.kind === 'name_taken') throw nameTaken()
  return result.kind === 'saved' ? { tenantId: after.tenantId, ...result } : undefined
}
