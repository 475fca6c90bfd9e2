import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { readIfThere, writePrivate } from './private-file.mjs'

const root = resolve(import.meta.dirname, '../..')
// A shell's own REGION or JURISDICTION must not change where Weir believes to be: only these are taken from it.
const OVERRIDABLE = [
  ...['HOLD_MS', 'DRAIN_MS', 'MAX_BODY_BYTES', 'MOCK_PROVIDER', 'WEIR_SECRET', 'WEIR_SETUP_TOKEN'],
  ...['WEIR_INTERNAL_TOKEN', 'WEIR_INTERNAL_SCOPES', 'ALLOW_PRIVATE_UPSTREAMS'],
]
// How vendors name their variables: OPENAI_API_KEY, OPENAI_BASE_URL.
const VENDOR = /^[A-Z][A-Z0-9_]*_(API_KEY|BASE_URL)$/

function isSet([, value]) {
  return value !== undefined && value !== ''
}

function isWanted(name) {
  return (OVERRIDABLE.includes(name) || VENDOR.test(name)) && name !== 'WEIR_BASE_URL'
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
  const environment = Object.entries(process.env).filter(([name]) => isWanted(name))
  // A variable that is set to nothing switches off what .dev.vars has.
  const given = Object.fromEntries(Object.entries({ ...devVars, ...Object.fromEntries(environment) }).filter(isSet))
  const port = readPort()
  return { root, home, port, baseUrl: `http://127.0.0.1:${port}`, vars: { ...loadSecrets(home), ...given } }
}
