// The same question as `keys.mjs` for the objects alone: two shared cores run the whole gateway at a rate at which a first
// lease for each of a thousand keys is most of what there is to count.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { build, bundle, readModules } from '../../scripts/build.mjs'
import { freePort } from '../../test/support/weir-server.mjs'
import { judge } from './keys.mjs'
import { overConnections, post } from './load.mjs'
import { readOwnerCalls } from './owner-calls.mjs'
import { compareRounds } from './rounds.mjs'

/** Requests to objects that one HTTP request makes, so that HTTP is not what is measured. */
const BATCH = 10

// The product's own bindings, queue settings and compatibility; only the entry module is another.
async function startObjects(home) {
  const [{ worker }] = await Promise.all([
    build(),
    bundle(join(home, 'bundle'), join(import.meta.dirname, 'objects-worker.mjs')),
  ])
  const modules = readModules(join(home, 'bundle'), 'objects-worker.js')
  const port = await freePort()
  const direct = { unsafeDirectSockets: [{ host: '127.0.0.1', port }] }
  const options = convertV4MiniflareOptions({
    ...{ host: '127.0.0.1', port: 0, cf: false, telemetry: { enabled: false }, log: new Log(LogLevel.WARN) },
    resourcePersistencePath: join(home, 'state'),
    workers: [{ ...worker, rootPath: home, modules, ...direct }],
  })
  const mf = new Miniflare(options)
  await mf.ready
  return { url: `http://127.0.0.1:${port}`, stop: () => mf.dispose() }
}

async function ask(server, path, { agent, command }) {
  const { status, text } = await post(server.url + path, { agent, headers: {}, body: JSON.stringify(command) })
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
}

async function openSubject(server, { name, setting }) {
  const { keys, connections } = setting
  const tenantId = crypto.randomUUID()
  for (let from = 0; from < keys; from += 100) {
    const to = Math.min(keys, from + 100)
    await ask(server, '/open', { command: { tenantId, from, to, isLeased: name === 'leased' } })
  }
  let sent = 0
  const batches = async goesOn => {
    const work = (_, agent) => {
      const from = sent
      sent += BATCH
      return ask(server, '/run', { agent, command: { tenantId, keys, from, count: BATCH } })
    }
    const { count, seconds } = await overConnections(connections, { goesOn, work })
    return { count: count * BATCH, seconds }
  }
  await batches(n => n * BATCH < keys)
  const run = seconds => {
    const end = performance.now() + seconds * 1000
    return batches(() => performance.now() < end)
  }
  return { name, warmed: sent, run }
}

/** Admissions and settlements a second with and without a customer's budget, and how often its owner was called. */
export async function measureObjects(setting) {
  const home = mkdtempSync(join(tmpdir(), 'weir-objects-'))
  const server = await startObjects(home)
  try {
    const leased = await openSubject(server, { name: 'leased', setting })
    const alone = await openSubject(server, { name: 'alone', setting })
    const rounds = await compareRounds(leased, alone, setting.seconds)
    await server.stop()
    return judge({ setting, ...rounds, warmed: leased.warmed, ownerCalls: readOwnerCalls(home) })
  } finally {
    await server.stop().catch(() => undefined)
    rmSync(home, { recursive: true, force: true })
  }
}
