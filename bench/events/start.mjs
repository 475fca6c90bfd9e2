import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { convertV4MiniflareOptions, kCurrentWorker, Log, LogLevel, Miniflare } from 'miniflare'
import { build, bundle, readModules } from '../../scripts/build.mjs'
import { migrate } from '../../scripts/serve/migrate.mjs'
import { freePort } from '../../test/support/weir-server.mjs'

const root = resolve(import.meta.dirname, '../..')
const VARS = {
  WEIR_SECRET: 'generated-events-generated-events-00',
  WEIR_SETUP_TOKEN: 'generated-events',
  DEFAULT_PLAN: 'enterprise',
}

async function bundled(home) {
  const dir = join(home, 'bundle')
  const [{ worker }] = await Promise.all([build(), bundle(dir, join(import.meta.dirname, 'worker.mjs'))])
  return { ...worker, modules: readModules(dir, 'worker.js') }
}

// The product's own bindings, queues and objects. `SELF` lets the door call the consumer as the platform calls it.
function optionsFor({ home, worker, port }) {
  const compatibilityFlags = [...(worker.compatibilityFlags ?? []), 'service_binding_extra_handlers']
  return convertV4MiniflareOptions({
    ...{ host: '127.0.0.1', port: 0, cf: false, telemetry: { enabled: false }, log: new Log(LogLevel.WARN) },
    resourcePersistencePath: join(home, 'state'),
    // A line for each request would be most of what is printed.
    handleStructuredLogs: ({ level, message }) => level === 'error' && console.error(message),
    workers: [
      {
        ...{ ...worker, rootPath: home, compatibilityFlags, bindings: { ...worker.bindings, ...VARS } },
        serviceBindings: { ...worker.serviceBindings, SELF: kCurrentWorker },
        unsafeDirectSockets: [{ host: '127.0.0.1', port }],
      },
    ],
  })
}

async function answerOf(response) {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${text.slice(0, 500)}`)
  return JSON.parse(text)
}

/** A JSON request that has to succeed. */
export async function ask(url, { method = 'POST', token, body }) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  return answerOf(await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }))
}

/** Starts the product's Worker on a state of its own under `home`, with the doors of `worker.mjs`. */
export async function startWorker(home) {
  mkdirSync(join(home, 'bundle'), { recursive: true })
  const port = await freePort()
  const mf = new Miniflare(optionsFor({ home, port, worker: await bundled(home) }))
  await mf.ready
  await migrate(await mf.getD1Database('DB'), join(root, 'd1-migrations'))
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    setupToken: VARS.WEIR_SETUP_TOKEN,
    consume: messages => ask(`${url}/bench/queue`, { body: { queue: 'weir-usage', messages } }),
    tick: () => ask(`${url}/bench/tick`, {}),
    /** Rows of D1 since this was last asked. */
    counted: () => ask(`${url}/bench/counted`, {}),
    /** Whether an hour is to be summed, or a day to be written in columns. */
    async isDirty() {
      const text = `SELECT (SELECT count(*) FROM dirty_hour) AS hours, (SELECT count(*) FROM rolled_day WHERE due <> 0) AS days,
        (SELECT count(*) FROM day_segment WHERE due <> 0) AS segments`
      const { hours, days, segments } = await (await mf.getD1Database('DB')).prepare(text).first()
      return hours + days + segments > 0
    },
    stop: () => mf.dispose(),
  }
}
