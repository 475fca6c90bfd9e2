// The tables of a run, made of its JSON alone.
import { titleOf } from './cells.mjs'
import { moneyOf, tablesOf } from './figures.mjs'
import { numberOf, percent, shown, tableOf } from './markdown.mjs'

const MAIN = [
  'subject',
  'rps at 1',
  'at 32',
  'at 128',
  'of bare at 32',
  'added p50, ms',
  'added p95',
  'added p99',
  'added to first text, ms',
  'streams a second',
  'CPU a request, ms',
  'memory, MB',
  'overspend',
  'lost',
  'phantom',
]

const megabytes = bytes => (Number.isFinite(bytes) ? (bytes / 2 ** 20).toFixed(0) : '-')

function mainRow({ id, name, rssBytes, hasBudgets }, { tables, money }) {
  const of = cell => tables[cell]?.[id]
  const [one, wide] = [of('json-1'), of('json-32')]
  const { overspend, lost, phantom } = moneyOf(money[id])
  const rates = [one, wide, of('json-128')].map(figures => shown(figures?.rps))
  const added = ['p50', 'p95', 'p99'].map(quantile => shown(one?.added[quantile]))
  const streams = [shown(of('stream-32-60ms')?.added.first50), shown(of('stream-128')?.rps)]
  const lostOf = hasBudgets === false ? ['no budgets', '-', '-'] : [overspend, lost, phantom].map(percent)
  return [name, ...rates, shown(wide?.ofBare), ...added, ...streams, shown(wide?.cpuMs), megabytes(rssBytes), ...lostOf]
}

/** The table that says it all; a subject that was not measured has its reason. */
export function mainTable(run) {
  const tables = tablesOf(run)
  const row = subject => {
    if (!subject.reason) return mainRow(subject, { tables, money: run.money })
    return [subject.name, subject.reason, ...MAIN.slice(2).map(() => '')]
  }
  return tableOf(MAIN, run.subjects.map(row))
}

const CELL = [
  'subject',
  'rps',
  'of bare',
  'added p50, ms',
  'added p95',
  'added p99',
  'added to first text',
  'CPU a request, ms',
  'failed',
]

function cellTable(run, cell) {
  const tables = tablesOf(run)[cell.id]
  const row = ({ id, name }) => {
    const { rps, ofBare, added, cpuMs, failed } = tables[id]
    return [
      name,
      ...[rps, ofBare, added.p50, added.p95, added.p99, added.first50, cpuMs].map(one => shown(one)),
      failed,
    ]
  }
  const rows = run.subjects.filter(({ id }) => tables[id]).map(row)
  return [`### ${titleOf(cell)}`, '', ...tableOf(CELL, rows), '']
}

/** Every cell by itself. */
export function cellTables(run) {
  return run.cells.flatMap(cell => cellTable(run, cell))
}

/** Every case of the overspend program: overspend, lost and phantom money of each subject. */
export function moneyTable(run) {
  const subjects = run.subjects.filter(({ id }) => run.money[id])
  const nameOf = ({ number, title, name }) => `${number} ${title}: ${name}`
  const names = [...new Set(subjects.flatMap(({ id }) => run.money[id].map(nameOf)))]
  const cellOf = (subject, name) => {
    const figures = run.money[subject.id].find(one => nameOf(one) === name)?.figures
    if (!figures) return '-'
    return [figures.overspend, figures.lost, figures.phantom].map(percent).join(' / ')
  }
  const rows = names.map(name => [name, ...subjects.map(subject => cellOf(subject, name))])
  return tableOf(['overspend / lost / phantom', ...subjects.map(({ name }) => name)], rows)
}

const VERDICTS = new Map([
  [true, 'met'],
  [false, 'missed'],
  [undefined, 'not measured'],
])

function wanted({ least, most }) {
  if (least !== undefined) return `at least ${numberOf(least)}`
  return most === undefined ? '0' : `below ${numberOf(most)}`
}

/** What was promised, and what the run shows. */
export function targetTable(targets) {
  const rows = targets.map(({ name, what, value, cases, met, ...bounds }) => {
    const found = cases === undefined ? numberOf(value) : `${cases} cases`
    return [`${name}: ${what}`, wanted(bounds), found, VERDICTS.get(met)]
  })
  return tableOf(['target', 'wanted', 'found', ''], rows)
}
