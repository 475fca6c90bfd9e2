// How often owners were called, as they wrote it down themselves: a meter's report has a number that grows by one with each,
// and the owner keeps the newest. Reading it needs nothing of the product changed.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

function databasesOf(home) {
  const entries = readdirSync(join(home, 'state'), { withFileTypes: true, recursive: true })
  return entries
    .filter(
      entry =>
        entry.name.endsWith('.sqlite') && entry.name !== 'metadata.sqlite' && entry.parentPath.includes('BudgetObject'),
    )
    .map(entry => join(entry.parentPath, entry.name))
}

function reportsIn(path) {
  const db = new DatabaseSync(path)
  try {
    const { reports } = db.prepare('SELECT SUM(revision) AS reports FROM account').get()
    return reports ?? 0
  } finally {
    db.close()
  }
}

/** Calls that the budget objects of a stopped server's state have had, where each key is under one leased limit. */
export function readOwnerCalls(home) {
  if (!existsSync(join(home, 'state'))) throw new Error('no state to read')
  const databases = databasesOf(home)
  if (databases.length === 0) throw new Error('no budget object has stored anything')
  return databases.reduce((sum, path) => sum + reportsIn(path), 0)
}
