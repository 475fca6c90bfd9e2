// The product's own Worker and objects, counted. Its clock can be moved on, so that what is tidied up later is counted too.
import worker, {
  BudgetObject,
  CallObject,
  HealthObject,
  MeterObject,
  NonceObject,
  RateObject,
  WebhookObject,
} from '../../workers/index.ts'
import { countedEnv } from './counted-bindings.mjs'
import { beginWork, count, countsSoFar, takeCounts, watchCursor } from './counts.mjs'

const realNow = Date.now
let offsetMs = 0
Date.now = () => realNow() + offsetMs

const log = console.log
console.log = (...args) => {
  count('logLines')
  log(...args)
}

function countStorage(storage) {
  const { sql } = storage
  const [exec, setAlarm] = [sql.exec.bind(sql), storage.setAlarm.bind(storage)]
  sql.exec = (...args) => {
    const cursor = exec(...args)
    watchCursor(cursor)
    return cursor
  }
  storage.setAlarm = (...args) => {
    count('alarmsSet')
    return setAlarm(...args)
  }
}

function methodsOf(Base) {
  return Object.entries(Object.getOwnPropertyDescriptors(Base.prototype))
    .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
    .map(([name]) => name)
}

function counted(Base) {
  class Counted extends Base {
    constructor(ctx, env) {
      countStorage(ctx.storage)
      super(ctx, countedEnv(env))
    }

    /** The alarm, as it would ring later: the clock was moved on, and the platform's was not. */
    async ring() {
      return this.alarm?.()
    }
  }
  for (const name of methodsOf(Base)) {
    Counted.prototype[name] = async function (...args) {
      if (name === 'alarm') count('alarms')
      const end = beginWork(this.ctx.id.toString(), name)
      try {
        return await Base.prototype[name].apply(this, args)
      } finally {
        end()
      }
    }
  }
  return Counted
}

const COUNTED = [BudgetObject, CallObject, HealthObject, MeterObject, NonceObject, RateObject, WebhookObject].map(
  counted,
)
const [CountedBudget, CountedCall, CountedHealth, CountedMeter, CountedNonce, CountedRate, CountedWebhook] = COUNTED

export {
  CountedBudget as BudgetObject,
  CountedCall as CallObject,
  CountedHealth as HealthObject,
  CountedMeter as MeterObject,
  CountedNonce as NonceObject,
  CountedRate as RateObject,
  CountedWebhook as WebhookObject,
}

async function steer(url, env) {
  if (url.pathname === '/cost/take') return Response.json(takeCounts())
  if (url.pathname === '/cost/peek') return Response.json(countsSoFar())
  if (url.pathname === '/cost/advance') {
    offsetMs += Number(url.searchParams.get('ms'))
    return new Response()
  }
  await env[url.searchParams.get('object')].getByName(url.searchParams.get('name')).ring()
  return new Response()
}

// biome-ignore lint/style/noDefaultExport: a Worker's entry is its default export.
export default {
  fetch(request, env, ctx) {
    const url = new URL(request.url)
    if (url.pathname.startsWith('/cost/')) return steer(url, env)
    count('requests')
    return worker.fetch(request, countedEnv(env), ctx)
  },
  queue(batch, env) {
    count('queueBatches')
    return worker.queue(batch, countedEnv(env))
  },
  scheduled(event, env) {
    count('crons')
    return worker.scheduled(event, countedEnv(env))
  },
}
