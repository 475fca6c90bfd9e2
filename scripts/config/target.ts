import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { Target } from './connect.ts'
import { Refusal } from './problem.ts'

/** A path as who called the command means it: npm runs scripts in the folder of its package, and says where it was called. */
export const here = (file: string) => resolve(process.env.INIT_CWD ?? '.', file)

function localFile(name: string): string | undefined {
  const file = join(resolve(process.env.WEIR_STATE_DIR || '.weir'), name)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

// What npm start keeps of the tenant that it makes.
function localEnv(): Record<string, string | undefined> {
  return parseEnv(localFile('demo.env') ?? '')
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Refusal(`--url must be an address: ${text}`)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  // The key would be readable on the way, and with it all that it may change.
  if (url.protocol === 'http:' && !isHere) throw new Refusal(`--url must begin with https://: ${text}`)
  return url.href.replace(/\/+$/, '')
}

function addressOf(asked: string | undefined): { url: string; isLocal: boolean } {
  const named = asked ?? (process.env.WEIR_BASE_URL || undefined)
  const url = named ?? localEnv().WEIR_BASE_URL
  if (!url) throw new Refusal('No instance is named: set WEIR_BASE_URL, or give --url (or start one here: npm start).')
  return { url, isLocal: named === undefined }
}

/** The instance that is meant, and the key of a tenant of it. Throws a `Refusal`. */
export function targetOf(asked: string | undefined): Target {
  const { env } = process
  const { url, isLocal } = addressOf(asked)
  const key = env.WEIR_API_KEY || env.WEIR_ADMIN_KEY || (isLocal ? localEnv().WEIR_ADMIN_KEY : undefined)
  if (!key) throw new Refusal(`No key for ${url}: set WEIR_API_KEY to an API key of the tenant.`)
  return { url: checkedUrl(url), key }
}

/** The same for its operator, who shows the setup token. */
export function operatorOf(asked: string | undefined): Target {
  const { url, isLocal } = addressOf(asked)
  const local = isLocal ? JSON.parse(localFile('secrets.json') ?? '{}').WEIR_SETUP_TOKEN : undefined
  const key = process.env.WEIR_SETUP_TOKEN || local
  if (!key) throw new Refusal(`No setup token for ${url}: set WEIR_SETUP_TOKEN to that of the deployment.`)
  return { url: checkedUrl(url), key }
}
