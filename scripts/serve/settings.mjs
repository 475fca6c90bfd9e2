import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { readDeclaredPrices } from '../../workers/contracts/declared-prices.ts'
import { PRICED_VENDORS, VENDOR_VARIABLES } from '../../workers/providers/vendors.ts'
import { readIfThere, writePrivate } from './private-file.mjs'

const root = resolve(import.meta.dirname, '../..')
// A shell's own REGION or JURISDICTION must not change where Weir believes to be: only these are taken from it.
const OVERRIDABLE = [
  'HOLD_MS',
  'DRAIN_MS',
  'IDLE_MS',
  'MAX_BODY_BYTES',
  'MAX_FORM_BYTES',
  'MOCK_PROVIDER',
  'DEFAULT_PLAN',
  'ALLOWED_ORIGINS',
  'WEIR_SECRET',
  'WEIR_SECRET_PREVIOUS',
  'WEIR_SETUP_TOKEN',
  'WEIR_INTERNAL_TOKEN',
  'WEIR_INTERNAL_SCOPES',
  'SHARED_PROVIDERS',
  'GOVERNANCE_OPEN',
  'TENANT_ENV_KEYS',
  'ALLOW_PRIVATE_UPSTREAMS',
  'SHARED_REFERENCES',
  'CUSTOM_PRICES',
  'DB_SHARDS',
  'EVENT_RETENTION_DAYS',
  'WEBHOOK_TIMEOUT_MS',
]
// Here tenants are people at this machine, and their models may run on it.
const LOCAL = { ALLOW_PRIVATE_UPSTREAMS: 'on', SHARED_REFERENCES: 'on' }

function isSet([, value]) {
  return value !== undefined && value !== ''
}

// What tenants are lent is named by the deployment.
function wantedOf({ TENANT_ENV_KEYS = '' }) {
  const lent = TENANT_ENV_KEYS.split(',').map(name => name.trim())
  return new Set([...OVERRIDABLE, ...VENDOR_VARIABLES, ...lent])
}

function readPort() {
  const port = Number(process.env.PORT || 8787)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`PORT is not a port number: ${process.env.PORT}`)
}

// Made once: another secret would turn every virtual key into a forged one.
function loadSecrets(home) {
  const path = join(home, 'secrets.json')
  const known = JSON.parse(readIfThere(path) ?? '{}')
  const token = () => randomBytes(32).toString('base64url')
  const secrets = { WEIR_SECRET: token(), WEIR_SETUP_TOKEN: token(), ...known }
  if (Object.keys(secrets).length > Object.keys(known).length) writePrivate(path, JSON.stringify(secrets, null, 2))
  return secrets
}

/** Where Weir keeps its state, where it listens, and what its Worker is told: the environment first, then .dev.vars. */
export function loadSettings() {
  const home = resolve(root, process.env.WEIR_STATE_DIR || '.weir')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const devVars = parseEnv(readIfThere(resolve(root, process.env.WEIR_DEV_VARS || '.dev.vars')) ?? '')
  const wanted = wantedOf({ ...devVars, ...process.env })
  const environment = Object.entries(process.env).filter(([name]) => wanted.has(name))
  // A variable that is set to nothing switches off what .dev.vars has.
  const given = Object.fromEntries(Object.entries({ ...devVars, ...Object.fromEntries(environment) }).filter(isSet))
  // Here too, so that what is wrong is said before anything is started.
  readDeclaredPrices(given.CUSTOM_PRICES, PRICED_VENDORS)
  const port = readPort()
  return { root, home, port, baseUrl: `http://127.0.0.1:${port}`, vars: { ...LOCAL, ...loadSecrets(home), ...given } }
}
