// LiteLLM's proxy with budgets on. Budgets of keys need its database; these are budgets of deployments, which its router
// enforces by itself: a deployment for the load with more than it can spend, and one for each case of the overspend program.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../test/support/weir-server.mjs'
import { anyGateway } from '../../overspend/subjects/any-gateway.mjs'
import { litellmProgram } from '../install.mjs'
import { startProcess } from './start-process.mjs'
import { scratchDirectory } from './workerd.mjs'

const MUCH_USD = 1_000_000
const LIMIT_NANO = 10_000_000
const CASES = Array.from({ length: 40 }, (_, n) => `case-${n + 1}`)
const MASTER_KEY = 'sk-bench'

// YAML is a superset of JSON.
function configOf(upstreamUrl) {
  const deployment = (model_name, max_budget) => ({
    model_name,
    litellm_params: {
      model: 'openai/gpt-4o-mini',
      api_base: upstreamUrl,
      api_key: 'sk-upstream',
      max_budget,
      budget_duration: '30d',
    },
  })
  const cases = CASES.map(name => deployment(name, LIMIT_NANO / 1e9))
  return JSON.stringify({
    model_list: [deployment('gpt-4o-mini', MUCH_USD), ...cases],
    router_settings: { num_retries: 0, disable_cooldowns: true },
    litellm_settings: { num_retries: 0 },
    general_settings: { master_key: MASTER_KEY },
  })
}

const ENV = { LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_TELEMETRY: 'False', LITELLM_LOG: 'ERROR' }

// Every case has a model, and so a budget, of its own.
function moneyOf(baseUrl) {
  const fresh = [...CASES]
  const all = anyGateway({ baseUrl, keys: CASES, model: CASES[0], limitNano: LIMIT_NANO })
  const createKey = async () => ({ id: fresh[0], model: fresh.shift(), value: MASTER_KEY })
  return { ...all, keysLeft: () => fresh.length, createKey }
}

async function start({ upstreamUrl }) {
  const program = litellmProgram()
  const home = scratchDirectory('litellm')
  const port = await freePort()
  writeFileSync(join(home.path, 'config.yaml'), configOf(upstreamUrl))
  const baseUrl = `http://127.0.0.1:${port}`
  const args = ['--config', 'config.yaml', '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1']
  const readyUrl = `${baseUrl}/health/liveliness`
  const running = await startProcess(program, args, { readyUrl, env: ENV, cwd: home.path })
  return {
    url: `${baseUrl}/v1/chat/completions`,
    headers: { authorization: `Bearer ${MASTER_KEY}` },
    model: 'gpt-4o-mini',
    pid: running.pid,
    restMs: 1000,
    money: () => moneyOf(baseUrl),
    stop: () => running.stop().finally(home.remove),
  }
}

/** LiteLLM's proxy. */
export const litellm = { id: 'litellm', name: 'LiteLLM', start }
