import type { KeySnapshot, ScopeSnapshot } from '../core/snapshot.ts'
import { findUnpushedScopes, findUnpushedSnapshots } from '../db/find-unpushed-snapshots.ts'
import { markPushed, markScopePushed } from '../db/mark-pushed.ts'
import type { AccountingPorts } from './ports.ts'

/** The most snapshots of each kind that one run pushes; the rest waits for the next minute. */
const MAX_SNAPSHOTS = 250

async function isPushed(push: () => Promise<void>, what: Record<string, unknown>, ports: AccountingPorts) {
  try {
    await push()
    return true
  } catch (error) {
    ports.log({ event: 'repush_failed', ...what, error: String(error) })
    return false
  }
}

function repushScope(snapshot: ScopeSnapshot, ports: AccountingPorts): Promise<boolean> {
  const { scope, version } = snapshot
  const push = async () => {
    await ports.pushScope(snapshot)
    await markScopePushed(ports.db, snapshot)
  }
  return isPushed(push, { scope, version }, ports)
}

function repushKey(snapshot: KeySnapshot, ports: AccountingPorts): Promise<boolean> {
  const { keyId, version } = snapshot
  const push = async () => {
    await ports.pushSnapshot(snapshot)
    await markPushed(ports.db, snapshot)
  }
  return isPushed(push, { key_id: keyId, version }, ports)
}

/** Pushes the snapshots that did not get where they belong when they were saved, scopes first; counts are snapshots. */
export async function repushSnapshots(ports: AccountingPorts): Promise<{ done: number; failed: number }> {
  const scopes = await findUnpushedScopes(ports.db, MAX_SNAPSHOTS)
  const ofScopes = await Promise.all(scopes.map(snapshot => repushScope(snapshot, ports)))
  const keys = await findUnpushedSnapshots(ports.db, MAX_SNAPSHOTS)
  const ofKeys = await Promise.all(keys.map(snapshot => repushKey(snapshot, ports)))
  const results = [...ofScopes, ...ofKeys]
  const done = results.filter(Boolean).length
  return { done, failed: results.length - done }
}
