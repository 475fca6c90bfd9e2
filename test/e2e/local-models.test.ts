// Models of one's own server, through a Weir that is really started: their prices are what the deployment declares.
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { openaiChat } from '../support/vendors/openai-chat.mjs'
import { startVendor } from '../support/vendors/serve-vendor.mjs'
import { startWeir } from '../support/weir-server.mjs'

const DECLARED = {
  vllm: { 'org/paid': { input_usd_per_mtok: '0.5', output_usd_per_mtok: 2 }, free: { free: true } },
}

let vendor: Awaited<ReturnType<typeof startVendor>>
let weir: Awaited<ReturnType<typeof startWeir>>
let key: { id: string; value: string }
let client: OpenAI

function envOf(prices: string) {
  const VLLM_BASE_URL = `${vendor.baseUrl}/v1`
  return {
    upstreamUrl: vendor.baseUrl,
    env: { VLLM_API_KEY: 'sk-vendor', VLLM_BASE_URL, CUSTOM_PRICES: prices, VERTEX_CREDENTIALS: 'no key' },
  }
}

beforeAll(async () => {
  vendor = await startVendor(openaiChat)
  weir = await startWeir(envOf(JSON.stringify(DECLARED)))
  const grant = (provider: string) => ({ provider, allowed_models: ['*'], key_ids: ['*'] })
  const provider_configs = ['vllm', 'vertex'].map(grant)
  key = await weir.admin.createKey({ budgetUsd: 1, provider_configs })
  client = new OpenAI({ apiKey: key.value, baseURL: `${weir.baseUrl}/v1`, maxRetries: 0 })
})

afterAll(async () => {
  await weir?.dispose()
  await vendor?.stop()
})

const ask = (model: string) =>
  client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi there' }] })

async function eventOf(model: string) {
  const list = () => weir.admin.listEvents({ virtual_key_id: key.id })
  const found = await until(list, (all: { model: string }[]) => all.some(one => one.model === model), 15_000)
  return found.find((one: { model: string }) => one.model === model)
}

describe("models of one's own server", () => {
  it('cost what is declared, to the nano-dollar', async ({ expect }) => {
    const { usage } = await ask('vllm/org/paid')
    const [input, output] = [usage?.prompt_tokens ?? 0, usage?.completion_tokens ?? 0]
    const event = await eventOf('org/paid')
    expect(event).toMatchObject({ priced_model: 'declared/org/paid', outcome: 'ok' })
    expect(event.pricebook_version).toMatch(/^declared@/)
    expect(Number(event.cost_nano)).toBe(input * 500 + output * 2000)
  })

  it('cost nothing where that is declared', async ({ expect }) => {
    await ask('vllm/free')
    expect(Number((await eventOf('free')).cost_nano)).toBe(0)
  })

  it('are refused where no price is declared, and never asked', async ({ expect }) => {
    const before = vendor.calls.length
    await expect(ask('vllm/other')).rejects.toMatchObject({ status: 400, code: 'price_unknown' })
    expect(vendor.calls.length).toBe(before)
  })

  it('are listed by their declarations', async ({ expect }) => {
    const { data } = await client.models.list()
    const own = data.map(({ id }) => id).filter(id => id.startsWith('vllm/'))
    expect(own.toSorted()).toEqual(['vllm/free', 'vllm/org/paid'])
  })

  it('stop a start whose declarations cannot be read, which says where', async ({ expect }) => {
    const prices = '{"vllm":{"m":{"input_usd_per_mtok":0.0000001,"output_usd_per_mtok":1}}}'
    await expect(startWeir(envOf(prices))).rejects.toThrow(/CUSTOM_PRICES: vllm\.m\.input_usd_per_mtok/)
  })
})

describe('an account whose key file cannot be read', () => {
  it('is told as that, and nothing is held or charged', async ({ expect }) => {
    const used = async () => (await weir.admin.getKey(key.id)).budgets[0].current_usage
    const before = await used()
    await expect(ask('vertex/gemini-2.5-flash')).rejects.toMatchObject({ status: 502, code: 'provider_key_unusable' })
    expect(await used()).toBe(before)
  })
})
