// Starts the counted Worker on state of its own, with a tenant in it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build, bundle, readModules } from '../../scripts/build.mjs'
import { migrate } from '../../scripts/serve/migrate.mjs'
import { startRuntime } from '../../scripts/serve/runtime.mjs'
import { adminClient } from '../../test/support/admin.mjs'
import { freePort } from '../../test/support/weir-server.mjs'

const SECRETS = { WEIR_SECRET: 'x'.repeat(32), WEIR_SETUP_TOKEN: 'y'.repeat(32) }
const PRIVATE = { ALLOW_PRIVATE_UPSTREAMS: 'on' }

let places

async function setUp(baseUrl) {
  const headers = { authorization: `Bearer ${SECRETS.WEIR_SETUP_TOKEN}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ tenant_name: 'Cost' })
  const answer = await fetch(`${baseUrl}/v1/setup`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`/v1/setup: ${answer.status} ${await answer.text()}`)
  return (await answer.json()).data
}

/** Weir as it is deployed, counted; `steer` speaks to what counts. */
export async function startCounted(upstreamUrl) {
  // A runtime makes the place for its own temporary files the one of this process.
  places ??= tmpdir()
  const home = mkdtempSync(join(places, 'weir-cost-'))
  const entry = resolve(import.meta.dirname, 'counting-worker.mjs')
  const [{ worker }] = await Promise.all([build(), bundle(join(home, 'bundle'), entry)])
  const modules = readModules(join(home, 'bundle'), 'counting-worker.js')
  const port = await freePort()
  const vars = { ...SECRETS, ...PRIVATE, OPENAI_API_KEY: 'sk-upstream', OPENAI_BASE_URL: upstreamUrl }
  let pid
  let isStopping = false
  const settings = { home, port, worker: { ...worker, rootPath: home, modules }, vars }
  const mf = await startRuntime(settings, {
    onWorkerd: found => (pid = found),
    onLost: () => isStopping || process.exit(1),
  })
  await migrate(await mf.getD1Database('DB'), resolve(import.meta.dirname, '../../d1-migrations'))
  const baseUrl = `http://127.0.0.1:${port}`
  const { tenant_id: tenantId, admin_key: adminKey } = await setUp(baseUrl)
  const steer = async path => (await fetch(`${baseUrl}/cost/${path}`)).text()
  return {
    ...{ baseUrl, pid, tenantId, admin: adminClient(baseUrl, adminKey) },
    take: async () => JSON.parse(await steer('take')),
    peek: () => steer('peek'),
    advance: ms => steer(`advance?ms=${ms}`),
    ring: (object, name) => steer(`ring?object=${object}&name=${encodeURIComponent(name)}`),
    cron: async () => (await mf.getWorker()).scheduled({ cron: '* * * * *', scheduledTime: new Date() }),
    async stop() {
      isStopping = true
      await mf.dispose()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
