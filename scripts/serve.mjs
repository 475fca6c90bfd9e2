// `npm start`: builds, starts workerd on state that stays, applies migrations, fires crons, makes a demo key.
import { performance } from 'node:perf_hooks'
import { build } from './build.mjs'
import { claimState, requirePort } from './serve/claim.mjs'
import { startCron } from './serve/cron.mjs'
import { ensureDemo, wantedProviders } from './serve/demo.mjs'
import { migrate } from './serve/migrate.mjs'
import { startRuntime } from './serve/runtime.mjs'
import { loadSettings } from './serve/settings.mjs'
import { shardNames, withShards } from './serve/shards.mjs'

// Miniflare ends workerd when this process exits; state is written by then, as it would be for a kill.
function exitOnSignal() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(0))
  // `npm start` was killed: with-deps.mjs, which held the other end of the channel, is gone.
  if (process.channel) process.on('disconnect', () => process.exit(0))
}

function fail(message) {
  console.error(`weir: ${message}`)
  process.exit(1)
}

async function startWorker(settings) {
  const claim = await claimState(settings.home)
  process.on('exit', claim.release)
  await requirePort(settings.port)
  const { worker } = await build()
  const mf = await startRuntime(
    { ...settings, worker: withShards(worker, shardNames(settings.vars)) },
    { onWorkerd: claim.recordWorkerd, onLost: () => fail('workerd has ended, and does not start again') },
  )
  return { mf, crons: worker.cronTriggers ?? [] }
}

async function tryDemo(settings) {
  try {
    return await ensureDemo(settings)
  } catch (error) {
    console.error(`weir: the demo key could not be made: ${error.message}`)
    return undefined
  }
}

function curlLine({ baseUrl }, virtualKey) {
  const body = { model: 'mock/echo', messages: [{ role: 'user', content: 'Hello, Weir' }] }
  const headers = [`Authorization: Bearer ${virtualKey}`, 'Content-Type: application/json']
  const flags = headers.map(header => `-H '${header}'`).join(' ')
  return `curl -s ${baseUrl}/v1/chat/completions ${flags} -d '${JSON.stringify(body)}'`
}

function printBanner(settings, demo) {
  const { baseUrl, home, vars } = settings
  const models = wantedProviders(vars).map(name => `${name}/*`)
  const lines = [
    `Weir is ready on ${baseUrl} (started in ${(performance.now() / 1000).toFixed(1)} s)`,
    `Models: ${models.join(', ')}${models.length > 1 ? '' : ' (set OPENAI_API_KEY for openai/*, and so on)'}`,
    ...(demo ? [`Keys: ${home}/demo.env`, '', curlLine(settings, demo.virtualKey)] : []),
  ]
  console.log(`\n${lines.join('\n')}\n`)
}

async function main() {
  exitOnSignal()
  const settings = loadSettings()
  const { mf, crons } = await startWorker(settings)
  for (const name of ['DB', ...shardNames(settings.vars)]) {
    await migrate(await mf.getD1Database(name), `${settings.root}/d1-migrations`)
  }
  // Asked for each time: a handle from before a crash of workerd is dead.
  startCron(crons, async event => (await mf.getWorker()).scheduled(event))
  printBanner(settings, await tryDemo(settings))
}

main().catch(error => fail(error.message))
