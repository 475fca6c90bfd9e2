// What accounting promises, of tenants whose events are in a database of their own.
import { moveToShard } from './databases.ts'

await moveToShard()
await import('../accounting/archive.test.ts')
await import('../accounting/exports.test.ts')
await import('../accounting/reconcile.test.ts')
await import('../accounting/segments.test.ts')
await import('../accounting/webhooks.test.ts')
