// The product's Worker, whole, with a D1 that counts what it reads and writes, and a door to its queue consumer.
import worker from '../../workers/index.ts'

export * from '../../workers/index.ts'

const counted = { rowsRead: 0, rowsWritten: 0, statements: 0 }

function count({ meta }) {
  counted.rowsRead += meta?.rows_read ?? 0
  counted.rowsWritten += meta?.rows_written ?? 0
  counted.statements += 1
}

const RUNS = ['all', 'run']
const inner = Symbol('statement')

function countedStatement(statement) {
  return new Proxy(statement, {
    get(target, name) {
      if (name === inner) return target
      if (name === 'bind') return (...values) => countedStatement(target.bind(...values))
      if (!RUNS.includes(name)) return typeof target[name] === 'function' ? target[name].bind(target) : target[name]
      return async () => {
        const result = await target[name]()
        count(result)
        return result
      }
    },
  })
}

/** `first` and `raw` tell nothing of rows: what they read is not counted. Nothing that they are used for here writes. */
function countedDatabase(db) {
  return {
    prepare: text => countedStatement(db.prepare(text)),
    async batch(statements) {
      const results = await db.batch(statements.map(statement => statement[inner] ?? statement))
      for (const result of results) count(result)
      return results
    },
  }
}

const counting = new WeakMap()

// The product keeps what it has opened by its environment: it must be the same one each time.
function withCount(env) {
  const known = counting.get(env) ?? { ...env, DB: countedDatabase(env.DB) }
  counting.set(env, known)
  return known
}

async function consume(request, env) {
  const { queue, messages } = await request.json()
  const timed = messages.map(message => ({ ...message, timestamp: new Date(message.timestamp) }))
  const { outcome, retryMessages } = await env.SELF.queue(queue, timed)
  return Response.json({ outcome, retried: retryMessages?.length ?? 0 })
}

async function tick(env) {
  const { outcome } = await env.SELF.scheduled({ cron: '* * * * *', scheduledTime: new Date() })
  return Response.json({ outcome })
}

const DOORS = { '/bench/queue': consume, '/bench/tick': (_, env) => tick(env), '/bench/counted': () => counts() }

function counts() {
  const body = { ...counted }
  Object.assign(counted, { rowsRead: 0, rowsWritten: 0, statements: 0 })
  return Response.json(body)
}

// biome-ignore lint/style/noDefaultExport: a Worker is its module's default export
export default {
  fetch(request, env, ctx) {
    const door = DOORS[new URL(request.url).pathname]
    return door ? door(request, env) : worker.fetch(request, withCount(env), ctx)
  },
  queue: (batch, env) => worker.queue(batch, withCount(env)),
  scheduled: (event, env) => worker.scheduled(event, withCount(env)),
}
