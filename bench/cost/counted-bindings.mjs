// The Worker's bindings, as they are but counted.
import { count, countCall, countMessage } from './counts.mjs'

function bound(target, name) {
  const value = target[name]
  return typeof value === 'function' ? value.bind(target) : value
}

function countedStub(stub, object) {
  return new Proxy(stub, {
    get(target, name) {
      if (typeof name === 'symbol' || name === 'then') return bound(target, name)
      return (...args) => {
        countCall(object, name)
        return target[name](...args)
      }
    },
  })
}

function countedNamespace(namespace, object) {
  return new Proxy(namespace, {
    get(target, name) {
      if (name === 'jurisdiction') return which => countedNamespace(target.jurisdiction(which), object)
      if (name === 'getByName') return (...args) => countedStub(target.getByName(...args), object)
      return bound(target, name)
    },
  })
}

function countResult(result) {
  count('d1RowsWritten', result.meta.rows_written)
  count('d1RowsRead', result.meta.rows_read)
  return result
}

const originals = new WeakMap()

function countedStatement(statement) {
  const counted = new Proxy(statement, {
    get(target, name) {
      if (name === 'bind') return (...args) => countedStatement(target.bind(...args))
      if (name === 'run' || name === 'all') return async (...args) => countResult(await target[name](...args))
      return bound(target, name)
    },
  })
  originals.set(counted, statement)
  return counted
}

function countedDatabase(database) {
  return new Proxy(database, {
    get(target, name) {
      if (name === 'prepare') return text => countedStatement(target.prepare(text))
      if (name === 'batch')
        return async list => (await target.batch(list.map(one => originals.get(one)))).map(one => countResult(one))
      return bound(target, name)
    },
  })
}

function countedQueue(queue) {
  return new Proxy(queue, {
    get(target, name) {
      if (name !== 'send') return bound(target, name)
      return (body, ...options) => {
        countMessage(body)
        return target.send(body, ...options)
      }
    },
  })
}

const OBJECTS = ['METER', 'BUDGET', 'CALL', 'RATE', 'HEALTH', 'NONCE', 'WEBHOOK']
const known = new WeakMap()

function countedAnew(env) {
  const objects = OBJECTS.map(name => [name, countedNamespace(env[name], name)])
  return {
    ...env,
    ...Object.fromEntries(objects),
    DB: countedDatabase(env.DB),
    USAGE_QUEUE: countedQueue(env.USAGE_QUEUE),
  }
}

/** The same bindings for the same env, since the Worker keeps what it has made of one. */
export function countedEnv(env) {
  const counted = known.get(env) ?? countedAnew(env)
  known.set(env, counted)
  return counted
}
