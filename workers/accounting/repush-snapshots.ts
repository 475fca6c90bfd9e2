import type { KeySnapshot } from '../core/snapshot.ts'
import { findUnpushedSnapshots } from '../db/find-unpushed-snapshots.ts'
import { markPushed } from '../db/mark-pushed.ts'
import type { AccountingPorts } from './ports.ts'

/** The most snapshots that one run pushes; the rest waits for the next minute. */
const MAX_SNAPSHOTS = 100

async function isPushed(snapshot: KeySnapshot, ports: AccountingPorts): Promise<boolean> {
  try {
    await ports.pushSnapshot(snapshot)
    await markPushed(ports.db, snapshot)
    return true
  } catch (error) {
    ports.log({ event: 'repush_failed', key_id: snapshot.keyId, version: snapshot.version, error: String(error) })
    return false
  }
}

/** Pushes the snapshots that did not reach their meter when they were saved; counts are keys. */
export async function repushSnapshots(ports: AccountingPorts): Promise<{ done: number; failed: number }> {
  const snapshots = await findUnpushedSnapshots(ports.db, MAX_SNAPSHOTS)
  const results = await Promise.all(snapshots.map(snapshot => isPushed(snapshot, ports)))
  const done = results.filter(Boolean).length
  return { done, failed: results.length - done }
}
