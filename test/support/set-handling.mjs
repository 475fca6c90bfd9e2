import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

function databasesUnder(home) {
  const entries = readdirSync(join(home, 'state'), { withFileTypes: true, recursive: true })
  const files = entries.filter(entry => entry.isFile() && entry.name.endsWith('.sqlite'))
  return files.map(file => join(file.parentPath, file.name))
}

function readSnapshot(db) {
  const isMeter = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'attempt'").get()
  const row = isMeter && db.prepare("SELECT body FROM meta WHERE name = 'snapshot'").get()
  return row && JSON.parse(String(row.body))
}

// Changes the snapshot of the meter that this database is of, where it is the key's.
function changeIn(path, keyId, handling) {
  const db = new DatabaseSync(path)
  try {
    const snapshot = readSnapshot(db)
    if (snapshot?.keyId !== keyId) return false
    const changed = { ...snapshot, version: snapshot.version + 1, handling: { ...snapshot.handling, ...handling } }
    db.prepare("UPDATE meta SET body = ? WHERE name = 'snapshot'").run(JSON.stringify(changed))
    return true
  } finally {
    db.close()
  }
}

/** Writes how a key is handled into its meter's stored snapshot, while the server does not run. */
export function setHandling(home, keyId, handling) {
  const found = databasesUnder(home).some(path => changeIn(path, keyId, handling))
  if (!found) throw new Error(`no meter of ${keyId} under the server's state`)
}
