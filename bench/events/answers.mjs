// How sums are read out of the answers of the API, in the words of `fields.mjs`.
import { groupName } from './ledger.mjs'

/** Whole nano-dollars of decimal dollars. */
export const nanoOf = usd => Math.round(Number(usd) * 1e9)

const COLUMN = {
  ...{ day: row => row.date, agent: row => row.agent_name, user: row => row.user_id },
  entity: row => (row.entity_id === null ? null : `${row.entity_type}/${row.entity_id}`),
  virtual_key: (row, tenant) => `key_${tenant.keyIds.indexOf(row.virtual_key_id) + 1}`,
}

function fieldOf(field, [row, tenant]) {
  if (COLUMN[field]) return COLUMN[field](row, tenant)
  return field.startsWith('tag:') ? row.tags[field.slice('tag:'.length)] : row[field]
}

/** What a row of sums says. */
export const sumOfRow = ({ events, tokens, cost_nano }) => ({ events, tokens, costNano: Number(cost_nano) })

/** The sums of `rows`, by the values of these fields. */
export function sumsOf(rows, { by, tenant, sum = sumOfRow }) {
  return new Map(rows.map(row => [groupName(by.map(field => fieldOf(field, [row, tenant]))), sum(row)]))
}

/** One sum of everything. */
export const totalOf = sum => new Map([[groupName([]), sum]])

/** The total of a body that has one, of `total_*` fields. */
export const totalIn = ({ total_requests, total_events = total_requests, total_tokens, total_cost_nano }) =>
  totalOf({ events: total_events, tokens: total_tokens, costNano: Number(total_cost_nano) })
