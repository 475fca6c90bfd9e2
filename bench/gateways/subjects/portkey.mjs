// Portkey's open-source gateway, as its package starts it. It has no keys and no budgets: it is told with each request where
// to send it.
import { join } from 'node:path'
import { freePort } from '../../../test/support/weir-server.mjs'
import { anyGateway } from '../../overspend/subjects/any-gateway.mjs'
import { BENCH } from '../install.mjs'
import { startProcess } from './start-process.mjs'

const SCRIPT = join(BENCH, 'node_modules/@portkey-ai/gateway/build/start-server.js')
/** What a case may spend. Nothing here knows of it. */
const LIMIT_NANO = 10_000_000

const keysForCases = Array.from({ length: 100 }, () => 'sk-upstream')

async function start({ upstreamUrl }) {
  const port = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  const args = [SCRIPT, `--port=${port}`, '--headless']
  const running = await startProcess(process.execPath, args, { readyUrl: baseUrl, env: { NODE_ENV: 'production' } })
  const own = { 'x-portkey-provider': 'openai', 'x-portkey-custom-host': upstreamUrl }
  const model = 'gpt-4o-mini'
  return {
    url: `${baseUrl}/v1/chat/completions`,
    headers: { authorization: 'Bearer sk-upstream', ...own },
    model,
    pid: running.pid,
    money: () => ({
      ...anyGateway({ baseUrl, keys: keysForCases, model, limitNano: LIMIT_NANO }),
      headers: own,
    }),
    stop: running.stop,
  }
}

/** Portkey's gateway. */
export const portkey = { id: 'portkey', name: 'Portkey', package: '@portkey-ai/gateway', hasBudgets: false, start }
