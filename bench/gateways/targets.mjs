// What Weir has promised of itself beside others, and whether a run shows it.
import { moneyOf, tablesOf } from './figures.mjs'

const LEAST_OF_BARE = 0.5
const LEAST_OF_PORTKEY = 1.5
const isZero = ({ cases, overspend, lost, phantom }) =>
  cases > 0 && [overspend, lost, phantom].every(share => share === 0)

function speedOf(tables, id) {
  const [one, wide] = [tables['json-1'], tables['json-32']]
  const ratio = (name, least) => ({ value: wide?.[id]?.[name]?.median, least })
  const [own, portkeys] = [one?.[id], one?.portkey].map(figures => figures?.added.p50?.median)
  return [
    { what: `requests a second at 32 connections, of the bare proxy's`, ...ratio('ofBare', LEAST_OF_BARE) },
    { what: `requests a second at 32 connections, of Portkey's`, ...ratio('ofPortkey', LEAST_OF_PORTKEY) },
    { what: 'added p50 at 1 connection, beside that of Portkey', value: own, most: portkeys },
  ]
}

const isMet = ({ value, least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }) =>
  value >= least && value < most

/** Every target with whether it is met; `undefined` where the run has not measured it. */
export function targetsOf(run) {
  const tables = tablesOf(run)
  const ours = run.subjects.filter(({ isOurs, reason }) => isOurs && !reason)
  return ours.flatMap(({ id, name }) => {
    const speed = speedOf(tables, id).map(target => {
      const isKnown = [target.value, target.least ?? target.most].every(Number.isFinite)
      return { name, ...target, met: isKnown ? isMet(target) : undefined }
    })
    const money = moneyOf(run.money[id])
    const zero = { name, what: 'overspend, lost and phantom money are 0 in every case', ...money }
    return [...speed, { ...zero, met: money.cases > 0 ? isZero(money) : undefined }]
  })
}
