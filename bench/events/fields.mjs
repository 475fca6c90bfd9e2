// What events are told apart by, under the names of the API: for each field a number of a ledger's row, and the number's name.
import { CAST } from './cast.mjs'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** More days than there are until the year 3600. */
const DAYS = 600_000

const dayText = day => new Date(day * DAY_MS).toISOString().slice(0, 10)
const hourText = hour => new Date(hour * HOUR_MS).toISOString().replace('.000Z', 'Z')

// ISO 8601: the week of a Thursday is the week of its year that the Thursday is in.
function weekText(week) {
  const thursday = new Date(7 * week * DAY_MS)
  const year = thursday.getUTCFullYear()
  const nth = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1
  return `${year}-W${String(nth).padStart(2, '0')}`
}

function monthOf(ms) {
  const at = new Date(ms)
  return at.getUTCFullYear() * 12 + at.getUTCMonth()
}
const monthText = month => `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`

// The epoch was a Thursday, and so in the middle of its week.
const TIMES = {
  hour: { code: ms => Math.floor(ms / HOUR_MS), size: DAYS * 24, name: hourText },
  day: { code: ms => Math.floor(ms / DAY_MS), size: DAYS, name: dayText },
  week: { code: ms => Math.floor((ms / DAY_MS + 3) / 7), size: DAYS, name: weekText },
  month: { code: monthOf, size: DAYS, name: monthText },
}

function timeField({ code, ...rest }) {
  return { ...rest, code: (ledger, row) => code(ledger.atMs[row]) }
}

// A name that a dimension's own name stands for; 0 is none.
function nameField(dimension, nameOf) {
  const all = CAST[dimension].names.map(name => nameOf(name) ?? null)
  const names = [null, ...new Set(all.filter(name => name !== null))]
  const codes = Uint16Array.from([null, ...all], name => names.indexOf(name))
  return {
    code: (ledger, row) => codes[ledger.indexes[dimension][row] + 1],
    codeOfName: name => names.indexOf(name),
    size: names.length,
    name: code => names[code],
  }
}

const same = name => name
const SOURCES = { openai: 'openai_api', anthropic: 'anthropic_api' }
const providerOf = name => name.split('/')[0]
const TAG_KEYS = [...new Set(CAST.tags.names.flatMap(text => Object.keys(JSON.parse(text))))]
const tagField = key => [`tag:${key}`, nameField('tags', text => JSON.parse(text)[key])]

/** Each field, by its name in `group_by`; `source` and `is_agent` beside them. */
export const FIELDS = {
  ...Object.fromEntries(Object.entries(TIMES).map(([name, one]) => [name, timeField(one)])),
  provider: nameField('model', providerOf),
  model: nameField('model', name => name.split(/\/(.*)/)[1]),
  source: nameField('model', name => SOURCES[providerOf(name)] ?? providerOf(name)),
  agent: nameField('agent_name', same),
  is_agent: nameField('agent_name', () => 'agent_workloads'),
  user: nameField('user_id', same),
  entity: nameField('entity', same),
  entity_type: nameField('entity', name => name.split('/')[0]),
  team: nameField('team', same),
  feature: nameField('feature', same),
  virtual_key: nameField('key', same),
  ...Object.fromEntries(TAG_KEYS.map(tagField)),
}
