import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

// Anthropic, as far as one message that searched twice.
const anthropic = createServer((request, response) => {
  request.resume().on('end', () => {
    const usage = { input_tokens: 100, output_tokens: 10, server_tool_use: { web_search_requests: 2 } }
    const message = { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'so' }] }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ...message, stop_reason: 'end_turn', usage: { ...usage, service_tier: 'standard' } }))
  })
})

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  upstream = await startUpstream()
  await new Promise<void>(resolve => anthropic.listen(0, '127.0.0.1', resolve))
  const { port } = anthropic.address() as AddressInfo
  const env = { ANTHROPIC_API_KEY: 'sk-ant', ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` }
  weir = await startWeir({ upstreamUrl: upstream.baseUrl, env })
})

afterAll(async () => {
  await weir?.dispose()
  await upstream?.stop()
  anthropic.close()
})

// 10 tokens in and 10 out: $0.15 and $0.60 a million, at priority $0.25 and $1.
const WISH = { prompt_tokens: 10, output_tokens: 10 }
const STANDARD_NANO = 7500
const PRIORITY_NANO = 12_500

type Sent = { asked?: string; served?: string; isStream?: boolean; model?: string }

/** Sends one call, and answers with it and its event, once that is listed. */
async function spend({ asked, served, isStream = false, model = 'openai/gpt-4o-mini' }: Sent) {
  const key = await weir.admin.createKey({ budgetUsd: 5 })
  const body = {
    ...{ model, messages: [{ role: 'user', content: 'hi' }], stream: isStream, max_tokens: 20 },
    x_upstream: { ...WISH, ...(served && { service_tier: served }) },
    ...(asked && { service_tier: asked }),
  }
  const headers = { authorization: `Bearer ${key.value}`, 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(`${weir.baseUrl}/v1/chat/completions`, init)
  const text = await answer.text()
  const listed = () => weir.admin.listEvents({ virtual_key_id: key.id })
  const [event] = answer.ok ? await until(listed, events => events.length > 0) : await listed()
  const shown = event && (await weir.admin.call('GET', `/v1/events/${event.id}`))
  return { status: answer.status, text, event, shown }
}

function picoOf(usd: string): bigint {
  const [whole = '', fraction = ''] = usd.split('.')
  return BigInt(whole + fraction.padEnd(12, '0'))
}

describe('a call is charged at the tier that served it', () => {
  it.for([
    [{}, STANDARD_NANO, 'standard'],
    [{ asked: 'priority', served: 'priority' }, PRIORITY_NANO, 'priority'],
    [{ asked: 'priority', served: 'priority', isStream: true }, PRIORITY_NANO, 'priority'],
    [{ asked: 'priority', served: 'default' }, STANDARD_NANO, 'standard'],
    [{ asked: 'auto', served: 'priority', isStream: true }, PRIORITY_NANO, 'priority'],
  ] as [Sent, number, string][])('%o', async ([sent, nano, tier], { expect }) => {
    const { status, event, shown } = await spend(sent)
    expect(status).toBe(200)
    expect(event).toMatchObject({ cost_nano: nano, service_tier: tier, overrun_usd: 0 })
    expect(shown.cost_explanation).toMatchObject({
      ...{ basis: 'provider_usage', service_tier: tier, price_source: 'pricebook:openai/gpt-4o-mini' },
      lines: [
        { unit: 'input', quantity: 10 },
        { unit: 'output', quantity: 10 },
      ],
    })
    const lines: { usd: string }[] = shown.cost_explanation.lines
    expect(lines.reduce((sum, { usd }) => sum + picoOf(usd), 0n)).toBe(BigInt(nano) * 1000n)
    expect(event).not.toHaveProperty('cost_explanation')
  })

  it('is refused before anyone is called where the tier has no known price', async ({ expect }) => {
    const before = upstream.calls.length
    const { status, text, event } = await spend({ asked: 'flex' })
    expect(status).toBe(400)
    expect(JSON.parse(text).error).toMatchObject({ code: 'price_unknown', param: 'service_tier' })
    expect([upstream.calls.length, event]).toEqual([before, undefined])
  })

  it('is what the mock serves, too', async ({ expect }) => {
    const [standard, flex, auto] = [
      await spend({ model: 'mock/echo', asked: 'default' }),
      await spend({ model: 'mock/echo', asked: 'flex' }),
      await spend({ model: 'mock/echo', asked: 'auto' }),
    ]
    expect(flex.event.cost_nano * 2).toBe(standard.event.cost_nano)
    expect(flex.event.service_tier).toBe('flex')
    expect(auto.event).toMatchObject({ cost_nano: standard.event.cost_nano, service_tier: 'standard' })
    expect(auto.event.held_nano).toBeGreaterThan(standard.event.held_nano)
  })
})

describe('a message that may search', () => {
  const tool = { type: 'web_search_20250305', name: 'web_search' }

  async function ask(tools: object[]) {
    const grant = { provider: 'anthropic', allowed_models: ['*'], key_ids: ['*'] }
    const key = await weir.admin.createKey({ budgetUsd: 50, provider_configs: [grant] })
    const messages = [{ role: 'user', content: 'look it up' }]
    const body = { model: 'anthropic/claude-sonnet-4-5', max_tokens: 20, messages, tools }
    const headers = { 'x-api-key': key.value, 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    const answer = await fetch(`${weir.baseUrl}/v1/messages`, init)
    const told = (await answer.json()) as { type: string; error: { type: string; message: string } }
    return { key, status: answer.status, body: told }
  }

  it('is charged its searches, within what was held for them', async ({ expect }) => {
    const { key, status } = await ask([{ ...tool, max_uses: 3 }])
    expect(status).toBe(200)
    const listed = () => weir.admin.listEvents({ virtual_key_id: key.id })
    const [event] = await until(listed, events => events.length > 0)
    // 100 tokens at $3 and 10 at $15 a million, 2 searches at $10 a thousand.
    expect(event).toMatchObject({ cost_nano: 20_450_000, overrun_usd: 0, service_tier: 'standard' })
    const shown = await weir.admin.call('GET', `/v1/events/${event.id}`)
    expect(shown.cost_explanation.lines).toContainEqual(
      expect.objectContaining({ unit: 'web_searches', quantity: 2, usd_per_unit: '0.01', usd: '0.02' }),
    )
  })

  it('is refused where nothing says how often, by the field to set', async ({ expect }) => {
    const { status, body } = await ask([tool])
    expect(status).toBe(400)
    expect(body).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
    expect(body.error.message).toContain('max_uses')
  })
})
