import { consumeUsage } from './accounting/consume-usage.ts'
import { consumeExports } from './accounting/exports/consume-exports.ts'
import { runScheduled } from './accounting/run-scheduled.ts'
import { buildApp } from './app.ts'
import { accountingPorts } from './bindings/accounting-ports.ts'
import { wireAt } from './gateway/wires/wire-at.ts'
import { serveWire } from './serve-wire.ts'

export { BudgetObject } from '../durable-objects/budget/object.ts'
export { CallObject } from '../durable-objects/call/object.ts'
export { HealthObject } from '../durable-objects/health/object.ts'
export { MeterObject } from '../durable-objects/meter/object.ts'
export { NonceObject } from '../durable-objects/nonce/object.ts'
export { RateObject } from '../durable-objects/rate/object.ts'
export { WebhookObject } from '../durable-objects/webhook/object.ts'

const apps = new WeakMap<Env, ReturnType<typeof buildApp>>()

function appFor(env: Env): ReturnType<typeof buildApp> {
  const app = apps.get(env) ?? buildApp(env)
  apps.set(env, app)
  return app
}

function consumerOf(queue: string): typeof consumeUsage {
  return queue.startsWith('weir-exports') ? consumeExports : consumeUsage
}

export default {
  fetch(request, env, ctx) {
    const at = request.method === 'POST' ? wireAt(request.url) : undefined
    return at ? serveWire(request, at, { env, ctx }) : appFor(env).fetch(request, env, ctx)
  },
  queue: (batch, env) => consumerOf(batch.queue)(batch, accountingPorts(env)),
  scheduled: (_event, env) => runScheduled(accountingPorts(env)),
} satisfies ExportedHandler<Env>
