import type { LimitBehaviourInput } from '../../contracts/limit-behaviour-input.ts'
import type { Unit } from '../../core/quota/limit.ts'
import type { Behaviour, BudgetRow, LimitRows, RateLimitRow } from '../../db/key-record.ts'
import { applyBehaviour, checkBehaviour } from '../governance/apply-behaviour.ts'
import { budgetLimits, rateLimits } from '../governance/limits-of.ts'
import { badParam } from '../http/query.ts'
import type { Part } from './edit-limit.ts'

// A row of tokens and requests that clamps shows its requests as refused: to say that of them again changes nothing.
function asked(row: Behaviour, unit: Unit, input: LimitBehaviourInput): LimitBehaviourInput {
  if (unit === 'nano_usd' || unit === 'tokens') return input
  if (input.on_exceed === 'clamp') {
    throw badParam(
      'on_exceed',
      `refuse, warn or downgrade for a limit of ${unit}: only money and tokens can be clamped`,
    )
  }
  if (row.onExceed !== 'clamp' || (input.on_exceed ?? 'refuse') !== 'refuse') return input
  return { ...input, on_exceed: undefined, clamp_floor: input.clamp_floor ?? undefined }
}

/**
 * The owner's rows with one limit doing what the body says when it is reached; what the body does not name stays. Tokens and
 * requests of one `rate_limit` do the same, but for `clamp`. Throws `request_invalid`.
 */
export function setBehaviour(rows: LimitRows, { rowId, unit }: Part, input: LimitBehaviourInput): LimitRows {
  const apply = <R extends BudgetRow | RateLimitRow>(row: R): R =>
    row.id === rowId ? { ...row, ...applyBehaviour(row, asked(row, unit, input)) } : row
  const next = { ...rows, budgets: rows.budgets.map(apply), rateLimits: rows.rateLimits.map(apply) }
  for (const row of next.budgets) if (row.id === rowId) checkBehaviour(row, budgetLimits(row))
  for (const row of next.rateLimits) if (row.id === rowId) checkBehaviour(row, rateLimits(row))
  return next
}
