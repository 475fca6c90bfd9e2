import type { PricingOverrideInput } from '../../contracts/pricing-override-input.ts'
import type { OverrideRow } from '../../db/override-record.ts'
import { invalid } from '../governance/invalid.ts'
import { checkRequestTypes } from './check-request-types.ts'
import { checkPattern, checkScope, type OverrideIds } from './check-target.ts'
import { readPatch } from './read-patch.ts'

const MAX_CHARS = 255

// An empty text is no id. Another scope has no id that the request does not give.
function idsOf(input: PricingOverrideInput, current: OverrideRow): OverrideIds {
  const isMoved = typeof input.scope_kind === 'string' && input.scope_kind !== current.scopeKind
  const pick = (asked: string | null | undefined, known: string | null) =>
    asked === undefined ? (isMoved ? null : known) : asked?.trim() || null
  return {
    virtualKeyId: pick(input.virtual_key_id, current.virtualKeyId),
    providerId: pick(input.provider_id, current.providerId)?.toLowerCase() ?? null,
    providerKeyId: pick(input.provider_key_id, current.providerKeyId),
  }
}

function checkLength(field: string, text: string): string {
  if (text.length > MAX_CHARS) throw invalid(`${field} cannot have more than ${MAX_CHARS} characters`)
  return text
}

function pricesOf({ patch: asked }: PricingOverrideInput, current: OverrideRow): Pick<OverrideRow, 'patch' | 'rates'> {
  if (!asked) return { patch: current.patch, rates: current.rates }
  const given = Object.entries(asked).filter((entry): entry is [string, number] => entry[1] !== null)
  const patch = Object.fromEntries(given)
  return { patch, rates: readPatch(patch) }
}

/** An override after a change: what the body does not name stays, a patch replaces all of the one before. Throws `request_invalid`. */
export function applyOverride(current: OverrideRow, input: PricingOverrideInput, nowMs: number): OverrideRow {
  const name = checkLength('name', (input.name ?? current.name).trim())
  if (name === '') throw invalid('name is required')
  const ids = idsOf(input, current)
  const scopeKind = checkScope(input.scope_kind ?? current.scopeKind, ids)
  const pattern = checkLength('pattern', (input.pattern ?? current.pattern).trim())
  return {
    ...current,
    ...ids,
    name,
    scopeKind,
    ...checkPattern(input.match_type ?? current.matchType, pattern),
    requestTypes: checkRequestTypes(input.request_types ?? current.requestTypes),
    ...pricesOf(input, current),
    updatedMs: nowMs,
  }
}
