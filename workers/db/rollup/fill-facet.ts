import type { EventsDb } from '../database.ts'
import { PACK } from './by-model.ts'
import type { Kept } from './choose-kept.ts'
import { DIMENSIONS, type Dimension } from './dimensions.ts'
import { eventsOf, groupsOf, ofSource } from './event-source.ts'
import { dimensionsOf, type Facet, isPacked } from './facets.ts'
import { IS_HERE, inPeriod, type Period, type Span } from './period.ts'
import { addedByEvent, putTogether, SUM_NAMES } from './sums.ts'

const FIELDS = [...SUM_NAMES, 'by_model']
const COLUMNS = ['tenant_id', 'facet', ...DIMENSIONS, ...FIELDS].join(', ')
const ADDED = SUM_NAMES.map(name => `${putTogether(name, addedByEvent(name))} AS ${name}`)
const ADDED_UP = SUM_NAMES.map(name => putTogether(name, name))
const EXCLUDED = FIELDS.map(name => `excluded.${name}`).join(', ')

// Of tags only those that are kept.
function source(facet: Facet): string {
  return `${eventsOf(facet)} AND ${IS_HERE} AND ${facet === 'tag' ? 'tag.key IN (SELECT value FROM json_each(?5))' : '?5 = ?5'}`
}

// In a fixed order, so that what did not change is packed into the same text.
function sumsByModel(facet: Facet): string {
  const names = [...new Set<Dimension>([...dimensionsOf(facet), 'provider', 'model'])]
  const shown = names.map(name => `${ofSource(name)} AS ${name}`)
  return `SELECT ${[...shown, ...ADDED].join(', ')} ${source(facet)}
    GROUP BY ${names.map(ofSource).join(', ')} ORDER BY ${names.join(', ')}`
}

// Made anew, and written only where it differs: an event that comes late costs the rows that it changes.
function putSums(facet: Facet, span: Span): string {
  const names = dimensionsOf(facet)
  const dimensions = DIMENSIONS.map(name => (names.includes(name) ? name : "''")).join(', ')
  const packed = isPacked(facet) ? `json_group_array(${PACK})` : "'[]'"
  return `INSERT INTO rollup_${span} (${span}_ms, ${COLUMNS})
    SELECT ?2, ?1, '${facet}', ${dimensions}, ${ADDED_UP.join(', ')}, ${packed}
    FROM (${sumsByModel(facet)}) WHERE true GROUP BY ${names.join(', ')}
    ON CONFLICT DO UPDATE SET ${FIELDS.map(name => `${name} = excluded.${name}`).join(', ')}
    WHERE (${FIELDS.join(', ')}) IS NOT (${EXCLUDED})`
}

function removeAll(facet: Facet, span: Span): string {
  return `DELETE FROM rollup_${span} WHERE tenant_id = ?1 AND facet = '${facet}' AND ${span}_ms = ?2 AND ${IS_HERE}`
}

// What its events no longer are: one was revised to another model, say.
function removeOthers(facet: Facet, span: Span): string {
  const others = `(${dimensionsOf(facet).join(', ')}) NOT IN (SELECT ${groupsOf(facet)} ${source(facet)})`
  return `${removeAll(facet, span)} AND ${others}`
}

/** The statements that make a facet's sums of a period what its events are, or take them away where they are not kept. */
export function fillFacet(db: EventsDb, period: Period, [facet, kept]: [Facet, Kept]): D1PreparedStatement[] {
  const { span, tenantId, startMs } = period
  if (!kept.facets.includes(facet)) return [db.$client.prepare(removeAll(facet, span)).bind(tenantId, startMs)]
  const tags = JSON.stringify(kept.tags)
  return [putSums, removeOthers].map(text => inPeriod(db, period, [text(facet, span), tags]))
}
