import type { PricebookEntryInput } from '../../contracts/pricebook-input.ts'
import type { PricebookEntry } from '../../core/pricing/tenant-pricebook.ts'
import type { SaidEntry } from '../../db/schema/pricebook.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { checkRequestTypes } from '../pricing-overrides/check-request-types.ts'
import { checkPattern } from '../pricing-overrides/check-target.ts'
import { readPatch } from '../pricing-overrides/read-patch.ts'

/** An entry as it was said, and as snapshots have it. */
export type ReadEntry = { said: SaidEntry; rates: PricebookEntry }

function providerOf({ provider }: PricebookEntryInput, known: readonly string[]): string | null {
  if (provider === null || provider === undefined) return null
  const name = provider.toLowerCase()
  if (known.some(one => one.toLowerCase() === name)) return name
  throw new GatewayError('request_invalid', `provider names none that is configured: ${provider}`)
}

function readEntry(input: PricebookEntryInput, known: readonly string[]): ReadEntry {
  const { request_types: types, prices } = input
  const entry = {
    provider: providerOf(input, known),
    ...checkPattern(input.match_type, input.model),
    requestTypes: types ? checkRequestTypes(types) : null,
  }
  return { said: { ...entry, prices }, rates: { ...entry, rates: readPatch(prices) } }
}

// Every flaw names the entry that has it.
function placed(thrown: unknown, index: number): never {
  if (!(thrown instanceof GatewayError) || thrown.code !== 'request_invalid') throw thrown
  const param = `entries[${index}]`
  throw new GatewayError('request_invalid', `${param}: ${thrown.detail.replace('Invalid patch: ', 'prices.')}`, {
    param,
  })
}

function sameAs({ said: a }: ReadEntry, { said: b }: ReadEntry): boolean {
  const isSameModel = a.provider === b.provider && a.matchType === b.matchType && a.pattern === b.pattern
  return (
    isSameModel && (!a.requestTypes || !b.requestTypes || a.requestTypes.some(type => b.requestTypes?.includes(type)))
  )
}

/**
 * The entries of a version. `providers`: those that the tenant can use. Throws `request_invalid`, naming the entry; of two that say
 * the same the second would never hold, and is refused.
 */
export function readEntries(inputs: PricebookEntryInput[], providers: readonly string[]): ReadEntry[] {
  const entries: ReadEntry[] = []
  for (const [index, input] of inputs.entries()) {
    try {
      const entry = readEntry(input, providers)
      const twin = entries.findIndex(one => sameAs(one, entry))
      if (twin >= 0) throw new GatewayError('request_invalid', `it is of the same as entries[${twin}]`)
      entries.push(entry)
    } catch (thrown) {
      placed(thrown, index)
    }
  }
  return entries
}
