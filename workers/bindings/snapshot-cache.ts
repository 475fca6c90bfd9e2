import type { KeyRef } from '../core/key/key-text.ts'
import type { KeySnapshot } from '../core/snapshot.ts'
import type { SnapshotCache } from '../gateway/ports.ts'

/** The most snapshots an isolate remembers; the oldest makes room. */
const MAX_SNAPSHOTS = 10_000

/** The snapshots of keys that an isolate remembers. */
export function snapshotCache(): SnapshotCache {
  const known = new Map<string, KeySnapshot>()
  const nameOf = (ref: KeyRef) => `${ref.tenantId}/${ref.id}/${ref.jurisdiction}`
  return {
    get: ref => known.get(nameOf(ref)),
    put(ref, snapshot) {
      known.delete(nameOf(ref))
      known.set(nameOf(ref), snapshot)
      const [oldest] = known.keys()
      if (known.size > MAX_SNAPSHOTS && oldest) known.delete(oldest)
    },
  }
}
