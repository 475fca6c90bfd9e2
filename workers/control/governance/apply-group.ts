import type { GroupInput } from '../../contracts/group-input.ts'
import type { RateLimitInput } from '../../contracts/virtual-key-input.ts'
import { type GroupRecord, type GroupRow, groupScope } from '../../db/group-record.ts'
import type { RateLimitRow } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'
import { namesBehaviour } from './apply-behaviour.ts'
import { applyBudgets } from './apply-budgets.ts'
import { unknownGroup } from './apply-owner.ts'
import { applyRateLimit } from './apply-rate-limit.ts'
import { askBudgets } from './ask-budgets.ts'
import { checkGroupBudgets } from './check-budgets.ts'
import { GROUP_TITLE } from './group-not-found.ts'
import { invalid } from './invalid.ts'
import type { LimitOwner } from './limit-owner.ts'

const MAX_NAME_CHARS = 255

/** The body of a create or an update, and the customer that it names. */
export type GroupChange = { input: GroupInput; customer: GroupRow | null }

function nameOf({ input }: GroupChange, { kind, group }: GroupRecord): string {
  const name = input.name ?? group.name
  if (name.trim() === '') throw invalid(`${GROUP_TITLE[kind]} name is required`)
  if (name.length <= MAX_NAME_CHARS) return name
  throw invalid(`${GROUP_TITLE[kind]} name cannot have more than ${MAX_NAME_CHARS} characters`)
}

function customerIdOf({ input, customer }: GroupChange, { kind, group }: GroupRecord): string | null {
  const { customer_id: id } = input
  if (kind === 'customer' || id === null || id === undefined) return group.customerId
  if (id && !customer) throw unknownGroup('customer', id)
  return customer?.id ?? null
}

function limitOwner({ input }: GroupChange, { kind, group }: GroupRecord, ports: ControlPorts): LimitOwner {
  return {
    tenantId: group.tenantId,
    scope: groupScope({ kind, id: group.id }),
    keyId: null,
    configId: null,
    isAligned: input.calendar_aligned ?? false,
    isAlignedAnew: typeof input.calendar_aligned === 'boolean',
    isUsageReset: input.reset_budget_usage === true,
    nowMs: ports.nowMs(),
    newId: ports.newId,
  }
}

function hasMax({ token_max_limit, request_max_limit }: RateLimitInput): boolean {
  return typeof token_max_limit === 'number' || typeof request_max_limit === 'number'
}

// A team's rate limit is replaced whole, a customer's is merged; of both, one without any maximum is taken away (1.2, 1.3).
// A body that says only what it does, of which the contract knows nothing, changes that.
function rateLimitOf(record: GroupRecord, input: GroupInput, owner: LimitOwner): RateLimitRow[] {
  const { rate_limit: asked } = input
  const current = record.rateLimits
  if (!asked || record.kind === 'customer') return applyRateLimit(current, asked, owner)
  if (!hasMax(asked)) return namesBehaviour(asked) ? applyRateLimit(current, asked, owner) : []
  const blank = { tokenMaxLimit: null, tokenResetDuration: null, requestMaxLimit: null, requestResetDuration: null }
  const emptied = current.map(row => ({ ...row, ...blank }))
  return applyRateLimit(emptied, asked, owner)
}

const OF_RATE_LIMIT = 'Invalid rate limit'

// As the contract tells the flaws of a rate limit, and of the whole those that it has no words for but that it failed (1.2, 1.3).
// A field that only Weir has is told by its own name.
function telling<T>(prefix: string, make: () => T): T {
  try {
    return make()
  } catch (thrown) {
    if (!(thrown instanceof GatewayError) || thrown.code !== 'request_invalid') throw thrown
    if (prefix !== OF_RATE_LIMIT && thrown.extras.param !== undefined) throw thrown
    throw new GatewayError(thrown.code, `${prefix}: ${thrown.detail}`, thrown.extras)
  }
}

function failureOf({ kind, group }: GroupRecord): string {
  return group.version === 1 && group.name === '' ? `failed to create ${kind}` : `Failed to update ${kind}`
}

// Of a budget that is not there yet nothing can be left out.
function checkWhole({ input }: GroupChange, { budgets }: GroupRecord): void {
  const { budget } = input
  const isPart = budget && typeof budget.max_limit === 'number' && !budget.reset_duration && budgets.length === 0
  const isOther = budget?.reset_duration && typeof budget.max_limit !== 'number' && budgets.length === 0
  if (isPart || isOther) throw invalid('both max_limit and reset_duration are required when creating a new budget')
}

/** A team or customer after a change: what the body does not name stays. Throws `request_invalid`, and writes nothing. */
export function applyGroup(record: GroupRecord, change: GroupChange, ports: ControlPorts): GroupRecord {
  const { input } = change
  const name = nameOf(change, record)
  const owner = limitOwner(change, record, ports)
  const rateLimits = telling(OF_RATE_LIMIT, () => rateLimitOf(record, input, owner))
  const asked = askBudgets(input, record.budgets)
  const failure = failureOf(record)
  telling(failure, () => checkWhole(change, record))
  checkGroupBudgets(asked ?? [])
  const budgets = telling(failure, () => applyBudgets(record.budgets, asked, owner))
  const customerId = telling(failure, () => customerIdOf(change, record))
  const group = { ...record.group, name, customerId, updatedMs: owner.nowMs }
  return { ...record, group, budgets, rateLimits }
}
