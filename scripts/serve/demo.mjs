import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { configuredProviders } from '../../workers/providers/registry.ts'
import { readIfThere, writePrivate } from './private-file.mjs'

const KEY_NAME = 'demo'
const KEYS_PATH = '/api/governance/virtual-keys'

class Refused extends Error {
  constructor({ method, path, status, text }) {
    super(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`)
    this.status = status
  }
}

function client(baseUrl, token) {
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(baseUrl + path, { method, headers, body: body && JSON.stringify(body) })
    const text = await response.text()
    if (!response.ok) throw new Refused({ method, path, status: response.status, text })
    return JSON.parse(text)
  }
}

/** The providers that are on: the mock, and every vendor that is set up; none where tenants may use none of these. */
export function wantedProviders(vars) {
  if (vars.SHARED_PROVIDERS === 'off') return []
  return ['mock', ...configuredProviders({ mock: false, secrets: vars }, fetch).keys()]
}

function grant(provider) {
  return { provider, allowed_models: ['*'], key_ids: ['*'] }
}

function keyBody(vars) {
  return {
    name: KEY_NAME,
    provider_configs: wantedProviders(vars).map(grant),
    budgets: [{ max_limit: 10, reset_duration: '1d', calendar_aligned: true }],
    rate_limit: { request_max_limit: 600, request_reset_duration: '1m' },
  }
}

async function createTenant({ baseUrl, vars }) {
  const { data } = await client(baseUrl, vars.WEIR_SETUP_TOKEN)('POST', '/v1/setup', { tenant_name: 'Demo' })
  return data.admin_key
}

async function findKey(admin) {
  const { virtual_keys: keys } = await admin('GET', `${KEYS_PATH}?search=${KEY_NAME}&limit=100`)
  return keys.find(key => key.name === KEY_NAME)
}

async function createKey(admin, vars) {
  const { virtual_key: key } = await admin('POST', KEYS_PATH, keyBody(vars))
  return key.value
}

// The text of a key is shown once, when it is made: one whose text we never kept is of no use to anyone.
async function replaceKey(admin, found, vars) {
  if (found) await admin('DELETE', `${KEYS_PATH}/${found.id}`)
  return createKey(admin, vars)
}

async function addProviders(admin, key, vars) {
  const granted = key.provider_configs.map(config => config.provider)
  const missing = wantedProviders(vars).filter(provider => !granted.includes(provider))
  if (missing.length === 0) return
  const configs = [...key.provider_configs.map(keptGrant), ...missing.map(grant)]
  await admin('PUT', `${KEYS_PATH}/${key.id}`, { provider_configs: configs })
}

function keptGrant({ id, provider, weight, allowed_models, blacklisted_models }) {
  const lists = { allowed_models, ...(blacklisted_models && { blacklisted_models }) }
  return { id, provider, ...(weight !== undefined && { weight }), ...lists, key_ids: ['*'] }
}

// Every step is kept as soon as it is done, so that a start which was killed is completed by the next one.
async function completeDemo(settings, demo) {
  const { baseUrl, vars } = settings
  const adminKey = demo.adminKey ?? (await createTenant(settings))
  if (!demo.adminKey) save(settings, { adminKey })
  const admin = client(baseUrl, adminKey)
  const found = await findKey(admin)
  if (found && demo.virtualKey) await addProviders(admin, found, vars)
  const virtualKey = found && demo.virtualKey ? demo.virtualKey : await replaceKey(admin, found, vars)
  return { adminKey, virtualKey }
}

function save({ home, baseUrl }, { adminKey, virtualKey }) {
  const values = { WEIR_BASE_URL: baseUrl, WEIR_VIRTUAL_KEY: virtualKey, WEIR_ADMIN_KEY: adminKey }
  const lines = Object.entries(values).flatMap(([name, value]) => (value ? [`${name}=${value}\n`] : []))
  writePrivate(join(home, 'demo.env'), lines.join(''))
}

function load(home) {
  const values = parseEnv(readIfThere(join(home, 'demo.env')) ?? '')
  return { adminKey: values.WEIR_ADMIN_KEY, virtualKey: values.WEIR_VIRTUAL_KEY }
}

/** Makes, completes or brings up to date the demo tenant and its key, and writes `demo.env`. */
export async function ensureDemo(settings) {
  const attempt = demo => completeDemo(settings, demo)
  const demo = await attempt(load(settings.home)).catch(error => {
    // The state was deleted and demo.env was not: the keys in it are nobody's.
    if (error.status === 401 || error.status === 403) return attempt({})
    throw error
  })
  save(settings, demo)
  return demo
}
