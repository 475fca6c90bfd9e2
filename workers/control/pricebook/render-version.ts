import type { VersionRow } from '../../db/pricebook-versions.ts'
import type { SaidEntry } from '../../db/schema/pricebook.ts'

const iso = (ms: number) => new Date(ms).toISOString()

function renderEntry({ provider, matchType, pattern, requestTypes, prices }: SaidEntry) {
  return { provider, model: pattern, match_type: matchType, request_types: requestTypes, prices }
}

/** A version of a tenant's pricebook, as it was said. `version` is what events that are priced by it name. */
export function renderVersion({ id, number, note, effectiveMs, entries, createdMs }: VersionRow) {
  return {
    ...{ id, number, version: `pricebook@${number}`, note },
    effective_from: iso(effectiveMs),
    entries: entries.map(renderEntry),
    created_at: iso(createdMs),
  }
}
