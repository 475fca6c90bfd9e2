import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  upstream = await startUpstream()
  weir = await startWeir({ upstreamUrl: upstream.baseUrl, env: { OPENAI_API_KEY: '' } })
})

afterAll(async () => {
  await weir?.dispose()
  await upstream?.stop()
})

async function ask(apiKey: string, model: string) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 20 })
  return (await fetch(`${weir.baseUrl}/v1/chat/completions`, { method: 'POST', headers, body })).status
}

function listed(count: number) {
  return until(
    () => weir.admin.listEvents(),
    events => events.length === count,
  )
}

it('keeps keys, counters and events over a stop and over a kill', async ({ expect }) => {
  expect(await ask(weir.virtualKey, 'mock/echo')).toBe(200)
  const [event] = await listed(1)
  const demo = await weir.admin.getKey(event.virtual_key_id)
  for (const end of [weir.stop, weir.kill9]) {
    await end()
    expect(await weir.restart()).toMatchObject({ virtualKey: weir.virtualKey, adminKey: weir.adminKey })
    expect(await weir.admin.listEvents()).toEqual([event])
    const { budgets } = await weir.admin.getKey(event.virtual_key_id)
    expect(budgets[0].current_usage).toBe(demo.budgets[0].current_usage)
    expect(budgets[0].current_usage).toBeGreaterThan(0)
  }
  expect(await ask(weir.virtualKey, 'mock/echo')).toBe(200)
  await listed(2)
})

it('gives the demo key OpenAI once a key for it is there', async ({ expect }) => {
  expect(await ask(weir.virtualKey, 'openai/gpt-4o-mini')).toBeGreaterThanOrEqual(400)
  await weir.stop()
  await weir.restart({ OPENAI_API_KEY: 'sk-upstream' })
  expect(await ask(weir.virtualKey, 'openai/gpt-4o-mini')).toBe(200)
  expect(await ask(weir.virtualKey, 'mock/echo')).toBe(200)
})

it('completes a first start that was interrupted before the demo key was kept', async ({ expect }) => {
  await weir.stop()
  const path = join(weir.home, 'demo.env')
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^WEIR_VIRTUAL_KEY=.*\n/m, ''))
  const demo = await weir.restart()
  expect(demo.adminKey).toBe(weir.adminKey)
  expect(await ask(demo.virtualKey, 'mock/echo')).toBe(200)
})

it('keeps its secrets from other users of the machine', ({ expect }) => {
  for (const name of ['demo.env', 'secrets.json']) {
    expect(statSync(join(weir.home, name)).mode & 0o777).toBe(0o600)
  }
})
