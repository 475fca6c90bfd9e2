import { env } from 'cloudflare:workers'
import type { ShardPorts } from '../../workers/accounting/ports.ts'
import { databasesHere } from '../shards/databases.ts'
import { fakePorts, type Overrides } from './fake-ports.ts'

type AnyFunction = (...args: unknown[]) => unknown

/** Counts calls of D1 and R2, and from the one that kills on refuses them all, as to a process that is no more. */
function mortality(atCall: number) {
  let calls = 0
  const dead = () => new Error('killed')
  return {
    calls: () => calls,
    async call(run: () => unknown): Promise<unknown> {
      calls += 1
      if (calls >= atCall) throw dead()
      return run()
    },
  }
}

const STATEMENT_CALLS = ['all', 'run', 'raw', 'first']

/** What makes a D1 of the real one, for a process that dies at its nth call; `calls` says how many it has made. */
export function mortalD1(atCall: number) {
  const { calls, call } = mortality(atCall)
  const inner = new WeakMap<object, D1PreparedStatement>()
  const statement = (real: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = new Proxy(real, {
      get(target, name) {
        const value = Reflect.get(target, name) as AnyFunction
        if (name === 'bind') return (...args: unknown[]) => statement(target.bind(...args))
        if (STATEMENT_CALLS.includes(String(name))) return (...args: unknown[]) => call(() => value.apply(target, args))
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    inner.set(wrapped, real)
    return wrapped
  }
  const mortal = (d1: D1Database) =>
    ({
      prepare: (sql: string) => statement(d1.prepare(sql)),
      batch: (all: D1PreparedStatement[]) => call(() => d1.batch(all.map(one => inner.get(one) ?? one))),
    }) as unknown as D1Database
  return { mortal, call, calls }
}

/** Ports over the real D1 and R2 of a process that dies at its nth call of them; `calls` says how many it has made. */
export function mortalPorts(atCall: number, overrides: Overrides = {}) {
  const { mortal, call, calls } = mortalD1(atCall)
  const everyCall = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, name) {
        const value = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        // Sync in R2, and so no call of its own.
        if (name === 'resumeMultipartUpload') return (...args: unknown[]) => everyCall(value.apply(target, args))
        return (...args: unknown[]) => call(() => value.apply(target, args))
      },
    })
  const { ports } = fakePorts(overrides)
  const exports = { ...ports.exports, store: everyCall(env.ARCHIVE) }
  return { ports: { ...ports, ...databasesHere(mortal), exports }, calls }
}

/** How often a run over these ports calls the outside, if nothing kills it. */
export async function countCalls(
  run: (ports: ShardPorts) => Promise<unknown>,
  overrides: Overrides = {},
): Promise<number> {
  const { ports, calls } = mortalPorts(Number.POSITIVE_INFINITY, overrides)
  await run(ports)
  return calls()
}
