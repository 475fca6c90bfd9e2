import { untranslatable } from '../untranslatable.ts'
import { invalid } from './read-fields.ts'

// Elsewhere the usual tier is called `default`.
const ASKED = new Map([
  ['auto', 'auto'],
  ['default', 'standard_only'],
])
const TOLD = new Map([
  ['default', 'standard'],
  ['priority', 'priority'],
  ['batch', 'batch'],
])

function keyOf(map: Map<string, string>, value: unknown): string | undefined {
  return [...map].find(([, word]) => word === value)?.[0]
}

/** A request's `service_tier`, in the words of most wires: `auto` or `default`. */
export function decodeAskedTier(value: unknown, param: string): string {
  const tier = keyOf(ASKED, value)
  if (tier === undefined) throw invalid(param, 'must be "auto" or "standard_only"')
  return tier
}

/** The same the other way; a tier that Anthropic does not sell is refused. */
export function encodeAskedTier(tier: string): string {
  const word = ASKED.get(tier)
  if (word === undefined) throw untranslatable('service_tier', `this wire has no tier ${JSON.stringify(tier)}`)
  return word
}

/** The tier that an answer says it had; `undefined` where it says none. */
export function decodeToldTier(value: unknown): string | undefined {
  return keyOf(TOLD, value) ?? (typeof value === 'string' ? value : undefined)
}

/** The same the other way; `null` for what this wire has no word for. */
export function encodeToldTier(tier: string | undefined): string | null {
  return TOLD.get(tier ?? '') ?? null
}
