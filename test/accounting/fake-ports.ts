import { env } from 'cloudflare:workers'
import { tellOfExport } from '../../workers/accounting/exports/tell-of-export.ts'
import type { AccountingPorts, ShardPorts } from '../../workers/accounting/ports.ts'
import type { AlertMessage, StatementRef, UsageMessage } from '../../workers/contracts/usage-message.ts'
import type { MeterRef } from '../../workers/core/quota/meter-protocol.ts'
import type { AlertRef } from '../../workers/core/quota/thresholds.ts'
import type { KeySnapshot, ScopeSnapshot } from '../../workers/core/snapshot.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import type { WebhookRef } from '../../workers/core/webhooks/webhook-ref.ts'
import type { ConfigDb, EventsDb } from '../../workers/db/database.ts'
import { databasesHere, eventsD1 } from '../shards/databases.ts'

/** What a test says otherwise. */
export type Overrides = Partial<Omit<AccountingPorts, 'db'>> & { db?: ConfigDb & EventsDb }

/** Accounting's ports over the real D1, or a `db` that has everything; what is said to meters and to the log is kept for the test to read. */
export function fakePorts({ db, ...overrides }: Overrides = {}) {
  const confirmed: { meter: MeterRef; seqs: number[] }[] = []
  const confirmedHours: { meter: MeterRef; statements: StatementRef[] }[] = []
  const confirmedAlerts: { from: AlertMessage['from']; alerts: AlertRef[] }[] = []
  const pushed: KeySnapshot[] = []
  const pushedScopes: ScopeSnapshot[] = []
  const woken: WebhookRef[] = []
  const logged: Record<string, unknown>[] = []
  const ports: ShardPorts & { db: ConfigDb & EventsDb } = {
    ...databasesHere(db),
    nowMs: () => Date.UTC(2026, 10, 20, 12),
    log: event => void logged.push(event),
    confirm: async (meter, seqs) => void confirmed.push({ meter, seqs }),
    confirmHours: async (meter, statements) => void confirmedHours.push({ meter, statements }),
    confirmAlerts: async (from, alerts) => void confirmedAlerts.push({ from, alerts }),
    pushSnapshot: async snapshot => void pushed.push(snapshot),
    pushScope: async snapshot => void pushedScopes.push(snapshot),
    readBudgets: async () => [],
    exports: {
      store: env.ARCHIVE,
      wake: async () => undefined,
      whenCompleted: job => [tellOfExport(job)],
      newId: () => crypto.randomUUID(),
      partBytes: 5 * 1024 * 1024,
      breathe: async () => undefined,
    },
    archive: { retentionDays: 90, fileRows: 1000 },
    wakeWebhook: async webhook => void woken.push(webhook),
    ...overrides,
  }
  return { ports, confirmed, confirmedHours, confirmedAlerts, pushed, pushedScopes, woken, logged }
}

/** D1 with the events, that fails every batch whose bound values hold this text. */
export function failingOn(text: string): D1Database {
  const d1 = eventsD1()
  const bound = new WeakMap<D1PreparedStatement, string>()
  return {
    ...d1,
    prepare(sql: string) {
      const statement = d1.prepare(sql)
      return Object.assign(Object.create(statement), {
        bind(...values: unknown[]) {
          const result = statement.bind(...values)
          bound.set(result, JSON.stringify(values))
          return result
        },
      })
    },
    async batch(statements: D1PreparedStatement[]) {
      if (statements.some(statement => bound.get(statement)?.includes(text))) throw new Error('D1_ERROR: out of order')
      return d1.batch(statements)
    },
  } as D1Database
}

/** The message in which a meter ships these events, numbered from 1. */
export function messageOf(events: UsageEvent[], meter: Partial<MeterRef> = {}): UsageMessage {
  const [first] = events
  return {
    v: 1,
    meter: { tenantId: first?.tenant_id ?? '', keyId: first?.virtual_key_id ?? '', ...meter },
    rows: events.map((event, index) => ({ seq: index + 1, event })),
  }
}

/** A queue batch of these bodies, and how each of its messages was answered. */
export function batchOf(bodies: unknown[], { queue = 'weir-usage', attempts = 1 } = {}) {
  const answers: (string | undefined)[] = bodies.map(() => undefined)
  const messages = bodies.map((body, index) => ({
    id: `message-${index}`,
    timestamp: new Date(0),
    body,
    attempts,
    ack: () => {
      answers[index] = 'ack'
    },
    retry: (options?: QueueRetryOptions) => {
      answers[index] = `retry after ${options?.delaySeconds} s`
    },
  }))
  const whole = () => {
    throw new Error('a batch is never answered as a whole')
  }
  const metadata = { metrics: { backlogCount: 0, backlogBytes: 0 } }
  const batch: MessageBatch<unknown> = { queue, messages, metadata, ackAll: whole, retryAll: whole }
  return { batch, answers }
}
