import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

const root = resolve(import.meta.dirname, '../..')
const node = join(root, 'node_modules', '.bin', 'node')
const SETUP = 'setup-token-of-this-test'
const SECRET = 'sk-of-the-upstream-0123456789'

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>
const scratch = mkdtempSync(join(tmpdir(), 'weir-config-'))

beforeAll(async () => {
  upstream = await startUpstream()
  weir = await startWeir({ upstreamUrl: upstream.baseUrl, env: { WEIR_SETUP_TOKEN: SETUP } })
})

afterAll(async () => {
  await weir?.dispose()
  await upstream?.stop()
  rmSync(scratch, { recursive: true })
})

type Ended = { code: number | null; out: string; err: string }

/** `npm run config`, as a tenant's admin calls it. `killAt`: it is killed when it has said so. */
function config(
  adminKey: string,
  args: string[],
  { killAt, env = {} }: { killAt?: RegExp; env?: object } = {},
): Promise<Ended> {
  const all = { ...process.env, WEIR_BASE_URL: weir.baseUrl, WEIR_API_KEY: adminKey, UPSTREAM_KEY: SECRET, ...env }
  const child = spawn(node, [join(root, 'scripts/config/main.ts'), ...args], { cwd: root, env: all })
  const said = { out: '', err: '' }
  child.stdout.on('data', chunk => (said.out += chunk))
  child.stderr.on('data', chunk => {
    said.err += chunk
    if (killAt?.test(said.err)) child.kill('SIGKILL')
  })
  return new Promise(done => child.once('close', code => done({ code, ...said })))
}

async function newTenant(): Promise<string> {
  const answer = await fetch(`${weir.baseUrl}/v1/setup`, {
    method: 'POST',
    headers: { authorization: `Bearer ${SETUP}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tenant_name: `tenant ${crypto.randomUUID()}` }),
  })
  const { data } = (await answer.json()) as { data: { admin_key: string } }
  return data.admin_key
}

async function weirKey(adminKey: string, name: string): Promise<string> {
  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify({ name }) }
  const answer = await fetch(`${weir.baseUrl}/api/governance/virtual-keys`, init)
  const { virtual_key } = (await answer.json()) as { virtual_key: { value: string } }
  return virtual_key.value
}

async function ask(adminKey: string, path: string) {
  const answer = await fetch(weir.baseUrl + path, { headers: { authorization: `Bearer ${adminKey}` } })
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  return (await answer.json()) as any
}

function chat(apiKey: string) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const x_upstream = { prompt_tokens: 1000, output_tokens: 50 }
  const body = { model: 'own/gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 50, x_upstream }
  return fetch(`${weir.baseUrl}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) })
}

function write(name: string, content: unknown): string {
  const file = join(scratch, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return file
}

const textsIn = (file: string): Record<string, string> =>
  Object.fromEntries(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line))
      .flatMap(({ name, value }) => (value ? [[name, value]] : [])),
  )

function spending(keyUsd: number, teamUsd: number, tenantUsd: number) {
  return {
    teams: [{ name: 'red', budgets: [{ max_limit: teamUsd, reset_duration: '1M' }] }],
    providers: [
      {
        provider: 'own',
        vendor: 'openai',
        network_config: { base_url: upstream.baseUrl },
        keys: [{ name: 'main', value: 'env.UPSTREAM_KEY' }],
      },
    ],
    limits: [{ scope: 'tenant', unit: 'nano_usd', max_usd: tenantUsd, duration: '1d' }],
    virtual_keys: [
      {
        ...{ name: 'web', team: 'red', provider_configs: [{ provider: 'own', allowed_models: ['*'], keys: ['main'] }] },
        budgets: [{ max_limit: keyUsd, reset_duration: '1d' }],
        rate_limit: { request_max_limit: 100, request_reset_duration: '1d' },
      },
    ],
  }
}

/** What is spent of the limits of a key, its team and its tenant, by their ids and windows. */
async function spent(adminKey: string) {
  const [key] = (await ask(adminKey, '/api/governance/virtual-keys')).virtual_keys
  const [team] = (await ask(adminKey, '/api/governance/teams')).teams
  const limits = (await ask(adminKey, '/v1/limits')).data.filter((one: { scope: string }) =>
    one.scope.startsWith('tenant'),
  )
  const budgets = [...key.budgets, ...team.budgets]
  return [
    ...budgets.map(({ id, current_usage, last_reset }) => ({ id, used: current_usage, from: last_reset })),
    { id: key.rate_limit.id, used: key.rate_limit.request_current_usage, from: key.rate_limit.request_last_reset },
    ...limits.map((one: { id: string; used_usd: number; window: unknown }) => ({
      id: one.id,
      used: one.used_usd,
      from: one.window,
    })),
  ]
}

describe('npm run config', () => {
  it('refuses what is wrong with a file, each with its line, and asks nothing', async ({ expect }) => {
    const json = write(
      'bad.json',
      '{\n  "teams": [\n    { "name": "t", "budgets": [{ "max_limit": -1, "reset_duration": "1d" }] }\n  ],\n  "virtual_keys": [\n    { "name": "k", "teem": "t" }\n  ]\n}\n',
    )
    const told = await config('no-key', ['plan', '--file', json])
    expect(told.err.split('\n').slice(0, 2)).toEqual([
      `${json}:3:34: teams[0].budgets[0].max_limit must be a number of dollars above 0, with at most 9 decimals`,
      `${json}:6:20: virtual_keys[0].teem is not a field that there is here: see docs/weir.config.schema.json`,
    ])
    const define = join(root, 'scripts/config/define-config.ts')
    const ts = write(
      'bad.ts',
      `import { defineConfig } from '${define}'\n\nconst keys: { name: string }[] = [\n  { name: 'a' },\n  { name: ' b' },\n]\nexport default defineConfig({\n  virtual_keys: keys,\n})\n`,
    )
    expect((await config('no-key', ['plan', '--file', ts])).err).toMatch(
      `${ts}:5:5: virtual_keys[1].name must be a name`,
    )
    const broken = write('broken.json', '{\n  "teams": [ }\n}')
    const third = await config('no-key', ['apply', '--file', broken])
    expect([third.code, third.err]).toEqual([1, expect.stringContaining(`${broken}:2:14: not JSON`)])
    expect((await config('no-key', ['plan', '--file', write('good.json', {})])).err).toContain('not a valid credential')
  })

  it('changes nothing the second time, and no usage when a maximum changes', async ({ expect }) => {
    const admin = await newTenant()
    const file = write('spending.json', spending(5, 50, 500))
    const before = await config(admin, ['apply', '--file', file])
    expect([before.code, before.err]).toEqual([1, expect.stringMatching(/--keys-out FILE.*Nothing was changed/)])
    expect((await ask(admin, '/api/governance/teams')).total_count).toBe(0)
    const texts = join(scratch, 'texts')
    const applied = await config(admin, ['apply', '--file', file, '--keys-out', texts])
    expect([applied.code, applied.err]).toEqual([0, expect.stringContaining('Applied: 5 created')])
    expect(statSync(texts).mode & 0o777).toBe(0o600)
    const { web = '' } = textsIn(texts)
    expect(applied.out + applied.err).not.toContain(web)
    expect((await chat(web)).status).toBe(200)
    const used = await until(
      () => spent(admin),
      all => all.every(({ used: one }) => one > 0),
    )
    expect(used).toHaveLength(4)
    const again = await config(admin, ['plan', '--file', file, '--detailed-exitcode'])
    expect([again.code, again.out]).toEqual([0, expect.stringContaining('5 unchanged')])
    expect((await config(admin, ['apply', '--file', file])).err).toContain(
      '0 created, 0 changed, 0 deleted, 0 taken over',
    )
    write('spending.json', spending(6, 60, 600))
    expect((await config(admin, ['plan', '--file', file, '--detailed-exitcode'])).code).toBe(2)
    expect((await config(admin, ['apply', '--file', file])).err).toContain('3 changed')
    expect(await spent(admin)).toEqual(used)
    // Below what is spent: the next request is refused for it.
    write('spending.json', spending(0.000001, 60, 600))
    expect((await config(admin, ['apply', '--file', file])).code).toBe(0)
    expect((await chat(web)).status).toBe(429)
    expect(await spent(admin)).toEqual(used)
  })

  it('exports what makes the same of an empty instance, without a secret', async ({ expect }) => {
    const [one, other] = [await newTenant(), await newTenant()]
    const example = join(root, 'docs/weir.config.example.json')
    const env = {
      OPENAI_EU_KEY: SECRET,
      OPENAI_EU_SPARE_KEY: 'sk-of-the-spare-0123456789',
      SEARCH_MCP_KEY: SECRET,
      WEBHOOK_SECRET: SECRET,
    }
    await config(one, ['apply', '--file', example, '--keys-out', join(scratch, 'one')], { env })
    const [first, second] = [join(scratch, 'first.json'), join(scratch, 'second.json')]
    const told = await config(one, ['export', '--out', first])
    expect(told.err).toContain('set WEIR_OPENAI_EU_SPARE where the file is applied')
    const secrets = {
      WEIR_SEARCH_X_API_KEY: SECRET,
      WEIR_WEBHOOK_HOOKS_EXAMPLE_COM_WEIR: SECRET,
      WEIR_OPENAI_EU_MAIN: SECRET,
      WEIR_OPENAI_EU_SPARE: env.OPENAI_EU_SPARE_KEY,
    }
    const unset = await config(other, ['plan', '--file', first])
    expect(unset.err).toMatch(
      /first\.json:\d+:\d+: providers\[0\]\.keys\[0\]\.value names the variable WEIR_OPENAI_EU_MAIN/,
    )
    const applied = await config(other, ['apply', '--file', first, '--keys-out', join(scratch, 'other')], {
      env: secrets,
    })
    expect([applied.code, applied.err]).toEqual([0, expect.stringContaining('Applied: 16 created')])
    await config(other, ['export', '--out', second])
    expect(readFileSync(second, 'utf8')).toBe(readFileSync(first, 'utf8'))
    expect(readFileSync(first, 'utf8')).not.toMatch(/sk-of|sk-bf/)
    expect((await config(one, ['diff', '--file', first], { env: secrets })).out.trim()).toBe('No differences.')
  })

  it('shows how far it is, and goes on where it was killed', async ({ expect }) => {
    const admin = await newTenant()
    const names = Array.from({ length: 120 }, (_, index) => `key ${index}`)
    const file = write(
      'many.ts',
      `import { defineConfig } from '${join(root, 'scripts/config/define-config.ts')}'
      const names: string[] = Array.from({ length: 120 }, (_, index) => \`key \${index}\`)
      export default defineConfig({ virtual_keys: names.map(name => ({ name })) })`,
    )
    const texts = join(scratch, 'many')
    const killed = await config(admin, ['apply', '--file', file, '--keys-out', texts], { killAt: /applied 50\/120/ })
    expect(killed.code).toBe(null)
    // As if the last line had not been written to its end; and one that another made under a name that was about to be made.
    appendFileSync(texts, '{"name":"by hand","pending":true}\n{"name":"key')
    const foreign = await weirKey(admin, 'by hand')
    const ended = await config(admin, ['apply', '--file', file, '--keys-out', texts])
    expect([ended.code, ended.err]).toEqual([0, expect.stringMatching(/applied (\d+)\/\1\n/)])
    expect(Number(/applied \d+\/(\d+)/.exec(ended.err)?.[1])).toBeLessThanOrEqual(70)
    const { virtual_keys: keys } = await ask(admin, '/api/governance/virtual-keys')
    expect(keys.map((key: { name: string }) => key.name).sort()).toEqual([...names, 'by hand'].sort())
    expect((await ask(foreign, '/api/governance/virtual-keys/quota')).virtual_key_name).toBe('by hand')
    // Also of those that were made and not yet answered when the command was killed.
    const all = textsIn(texts)
    expect(Object.keys(all).sort()).toEqual(names.toSorted())
    const quota = (text: string) => ask(text, '/api/governance/virtual-keys/quota')
    const shown = await Promise.all(names.slice(0, 60).map(name => quota(all[name] ?? '')))
    expect(shown.map(one => one.virtual_key_name)).toEqual(names.slice(0, 60))
    expect((await config(admin, ['plan', '--file', file, '--detailed-exitcode'])).code).toBe(0)
  })
})
