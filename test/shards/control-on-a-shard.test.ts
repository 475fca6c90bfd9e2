// What the management API promises of events, of tenants whose events are in a database of their own.
import { moveToShard } from './databases.ts'

await moveToShard()
await import('../control/alerts.test.ts')
await import('../control/analytics.test.ts')
await import('../control/events.test.ts')
await import('../control/exports.test.ts')
await import('../control/reported-events.test.ts')
await import('../control/self-service.test.ts')
