import { webhookSpec } from './declare-webhooks.ts'
import type { Shown } from './live-groups.ts'

// biome-ignore lint/suspicious/noExplicitAny: as the API answers
type Row = any

/** Webhooks as specs have them. How their endpoints do is nothing that a file says. */
export function liveWebhooks(rows: Row[]): Shown[] {
  return rows.map(row => ({ kind: 'webhook', name: row.url, id: row.id, spec: webhookSpec(row) }))
}
