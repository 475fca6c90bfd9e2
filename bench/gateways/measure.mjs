// A whole run: starts everything, makes the loads, reads the books, and then does the sums of money.
import { billedNano } from '../../test/support/price.mjs'
import { CELLS, titleOf } from './cells.mjs'
import { chosenSubjects } from './chosen-subjects.mjs'
import { startLoad, startProvider } from './load/child.mjs'
import { untilQuiet } from './machine-load.mjs'
import { measureMoney } from './money.mjs'
import { familyRss } from './processes.mjs'
import { runCell, warmUp } from './rounds.mjs'
import { startAll, stopAll } from './start-all.mjs'

/** They have no money to count. */
const FLOORS = ['upstream', 'bare', 'holding']

async function measureCells(running, { settings, load }) {
  const { seconds, rounds, force } = settings
  const cells = CELLS.filter(({ id }) => !settings.cells || settings.cells.includes(id))
  const measured = []
  for (const cell of cells) {
    console.error(`${titleOf(cell)} ...`)
    measured.push({ ...cell, rounds: await runCell(running, cell, { load, seconds, rounds, force }) })
  }
  return measured
}

// What all the load has cost by the provider's bill, and by the subject's own books.
async function readBooks({ id, running }, billed) {
  const sum = billed[id]
  if (!running?.books || !sum) return undefined
  return { requests: sum.requests, billedNano: billedNano([sum]), ...(await running.books(sum.requests)) }
}

async function report(subject, billed) {
  const { id, name, isOurs, hasBudgets, version, reason, running } = subject
  const books = await readBooks(subject, billed)
  return { id, name, isOurs, hasBudgets, version, reason, rssBytes: familyRss(running?.pid), books }
}

async function measureLoads(settings) {
  const provider = await startProvider(settings.port)
  const load = startLoad()
  let subjects = []
  try {
    subjects = await startAll(chosenSubjects(settings), { upstreamUrl: provider.url, settings })
    const running = subjects.filter(one => one.running)
    await untilQuiet(settings)
    await warmUp(running, { load, force: settings.force })
    const cells = await measureCells(running, { settings, load })
    const billed = await provider.billed()
    const reports = []
    for (const subject of subjects) reports.push(await report(subject, billed))
    return { subjects: reports, cells }
  } finally {
    await stopAll(subjects)
    await load.stop()
    await provider.stop()
  }
}

async function measureAllMoney(subjects, settings) {
  const money = {}
  for (const subject of settings.scale > 0 ? subjects : []) {
    console.error(`Money: ${subject.name} ...`)
    const cases = await measureMoney(subject, { settings, scale: settings.scale, port: settings.port })
    if (cases) money[subject.id] = cases
  }
  return money
}

/** All that a page is made of, but for the machine. */
export async function measure(settings) {
  await untilQuiet(settings)
  const { subjects, cells } = await measureLoads(settings)
  const isMeasured = ({ id }) => !subjects.find(one => one.id === id)?.reason
  const withMoney = chosenSubjects(settings).filter(one => isMeasured(one) && !FLOORS.includes(one.id))
  return { subjects, cells, money: await measureAllMoney(withMoney, settings) }
}
