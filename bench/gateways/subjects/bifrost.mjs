// Bifrost with governance on, where somebody gives us its program: no package registry has it.
import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { adminClient } from '../../../test/support/admin.mjs'
import { freePort } from '../../../test/support/weir-server.mjs'
import { anyGateway } from '../../overspend/subjects/any-gateway.mjs'
import { startProcess } from './start-process.mjs'
import { Unavailable } from './unavailable.mjs'
import { makeLimitedKey } from './weir-key.mjs'
import { scratchDirectory } from './workerd.mjs'

const LIMIT_NANO = 10_000_000

// Its base URL is without /v1.
const configOf = upstreamUrl => ({
  client: { enable_governance: true, enforce_governance_header: true, enable_logging: true },
  providers: {
    openai: {
      keys: [{ name: 'bench', value: 'sk-upstream', models: ['*'], weight: 1 }],
      network_config: { base_url: upstreamUrl.replace(/\/v1$/, ''), max_retries: 0 },
    },
  },
  config_store: { enabled: true, type: 'sqlite', config: { path: 'config.db' } },
  logs_store: { enabled: true, type: 'sqlite', config: { path: 'logs.db' } },
})

const grant = { provider: 'openai', allowed_models: ['*'], key_ids: ['*'] }

// Weir answers the same governance routes, so that its client makes the keys.
function moneyOf(baseUrl, admin) {
  const makeKey = limitNano =>
    admin.createKey({
      provider_configs: [grant],
      budgets: [{ max_limit: limitNano / 1e9, reset_duration: '1M' }],
    })
  return {
    ...anyGateway({ baseUrl, keys: [], model: 'openai/gpt-4o-mini', limitNano: LIMIT_NANO }),
    keysLeft: () => Number.POSITIVE_INFINITY,
    createKey: ({ limitNano }) => makeKey(limitNano),
  }
}

async function start({ upstreamUrl, settings }) {
  const program = settings.bifrost && resolve(settings.bifrost)
  if (!program) throw new Unavailable('not run: no program was given (--bifrost FILE)')
  if (!existsSync(program)) throw new Unavailable(`not run: there is no ${settings.bifrost}`)
  const home = scratchDirectory('bifrost')
  const port = await freePort()
  writeFileSync(join(home.path, 'config.json'), JSON.stringify(configOf(upstreamUrl)))
  const baseUrl = `http://127.0.0.1:${port}`
  const args = ['-app-dir', home.path, '-host', '127.0.0.1', '-port', String(port), '-log-level', 'error']
  const running = await startProcess(program, args, { readyUrl: `${baseUrl}/health` })
  const stop = () => running.stop().finally(home.remove)
  const admin = adminClient(baseUrl, 'none')
  const key = await makeLimitedKey(admin).catch(failure => stop().then(() => Promise.reject(failure)))
  return {
    url: `${baseUrl}/v1/chat/completions`,
    headers: { authorization: `Bearer ${key.value}` },
    model: 'openai/gpt-4o-mini',
    pid: running.pid,
    restMs: 1000,
    money: () => moneyOf(baseUrl, admin),
    stop,
  }
}

/** Bifrost, from a program on this machine. */
export const bifrost = { id: 'bifrost', name: 'Bifrost', start }
