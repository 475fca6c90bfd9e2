// What bounds the input of a request that is said in other words, or to which its vendor adds words of its own.
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { DEFAULT_HANDLING, type KeySnapshot } from '../../workers/core/snapshot.ts'
import type { Ask } from '../../workers/gateway/ask.ts'
import { parseBody } from '../../workers/gateway/parse-body.ts'
import { chooseRoutes } from '../../workers/gateway/routing/choose-routes.ts'
import type { Route } from '../../workers/gateway/routing/route-to.ts'
import { sizeHold } from '../../workers/gateway/size-hold.ts'
import { type Translation, translationOf } from '../../workers/gateway/translate.ts'
import { anthropicMessagesWire } from '../../workers/gateway/wires/anthropic-messages.ts'
import { openaiChatWire } from '../../workers/gateway/wires/openai-chat.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const secrets = {
  ...{ OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', COHERE_API_KEY: 'k' },
  ...{ AWS_BEARER_TOKEN_BEDROCK: 'k', AWS_REGION: 'eu-central-1' },
}
const providers = configuredProviders({ mock: false, secrets }, () => Promise.reject(new Error('no network')))
const grants = [...providers.keys()].map(provider => {
  return { provider, weight: null, allowedModels: ['*'], blacklistedModels: [] }
})
const status = { isActive: true, isDeleted: false, expiresMs: null, teamId: null, customerId: null }
const snapshot: KeySnapshot = {
  version: 1,
  tenantId: 't',
  keyId: 'k',
  name: 'k',
  keyHash: 'h',
  ...status,
  providers: grants,
  limits: [],
}

function routeOf(requested: string, format: Ask['format'] = 'openai-chat'): Route {
  const [route] = chooseRoutes({
    ...{ requested, format, snapshot, providers, nowMs: NOW, random: () => 0.5, costOf: () => 0 },
    reliability: { balance: null, fallbacks: [] },
    conditionOf: () => ({ isResting: false, latencyMs: null, inFlight: 0 }),
  })
  if (!route) throw new Error('no route, and no refusal')
  return route
}

function sized(ask: Ask, over: Partial<typeof DEFAULT_HANDLING> = {}) {
  const route = routeOf(ask.model, ask.format)
  const call = { id: 'c', requestId: 'r', startMs: NOW, request: new Request('https://weir.test/') }
  const translation: Translation | undefined = translationOf(ask, route, call)
  const hold = sizeHold(ask, route, { handling: { ...DEFAULT_HANDLING, ...over }, sent: translation })
  return { hold, translation, input: hold.bound.inputTokens }
}

const bytesOf = (text: string) => new TextEncoder().encode(text).length

function askOf(wire: typeof openaiChatWire, body: Record<string, unknown>): Ask {
  const text = JSON.stringify(body)
  return wire.read({ raw: parseBody(text), bytes: bytesOf(text), path: {} })
}

const chat = (over: Record<string, unknown>) =>
  askOf(openaiChatWire, { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }], ...over })
const messages = (over: Record<string, unknown>) =>
  askOf(anthropicMessagesWire, { max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], ...over })

const parameters = { type: 'object', properties: {} }
const CHAT_TOOL = { type: 'function', function: { name: 'look', parameters } }
const TOOL = { name: 'look', input_schema: parameters }
const CLAUDE = 'anthropic/claude-haiku-4-5'
const BEDROCK_CLAUDE = 'bedrock/eu.anthropic.claude-haiku-4-5-20251001-v1:0'

describe('the input bound', () => {
  it('of a translated request is the bytes that are sent, not those that came', ({ expect }) => {
    const content = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
    const model = fc.constantFrom(CLAUDE, BEDROCK_CLAUDE, 'cohere/command-a-03-2025')
    fc.assert(
      fc.property(content, model, fc.boolean(), (text, name, hasTools) => {
        const tools = hasTools ? { tools: [CHAT_TOOL] } : {}
        const { input, translation } = sized(
          chat({ model: name, messages: [{ role: 'user', content: text }], ...tools }),
        )
        const sent = bytesOf(JSON.stringify(translation?.request))
        expect(input).toBeGreaterThanOrEqual(sent)
        expect(input).toBe(sent + (hasTools && !name.startsWith('cohere') ? 588 : 0))
      }),
    )
  })

  // https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview (pricing)
  it.for([
    { model: 'anthropic/claude-opus-4-7', added: 804 },
    { model: 'anthropic/claude-opus-5', added: 406 },
    { model: 'anthropic/claude-sonnet-4-5-20250929', added: 588 },
    { model: 'anthropic/claude-opus-5-5', added: 1024 },
    { model: 'openai/gpt-4o-mini', added: 0 },
  ])('has the prompt that $model is given before tools', ({ model, added }, { expect }) => {
    const plain = chat({ model })
    const { input } = sized(chat({ model, tools: [CHAT_TOOL] }))
    const { translation } = sized(chat({ model, tools: [CHAT_TOOL] }))
    const sent = translation ? translation.bytes : bytesOf(JSON.stringify(chat({ model, tools: [CHAT_TOOL] }).raw))
    expect(input).toBe(sent + added)
    expect(sized(plain).input).toBe(sized(plain).translation?.bytes ?? plain.bytes)
  })

  it('has it on the caller’s own wire too, with what Anthropic’s own tools add', ({ expect }) => {
    const inputOf = (over: Record<string, unknown>) => {
      const ask = messages({ model: CLAUDE, ...over })
      return sized(ask).input - ask.bytes
    }
    expect(inputOf({})).toBe(0)
    expect(inputOf({ tools: [TOOL] })).toBe(588)
    expect(inputOf({ tools: [TOOL, { type: 'custom', ...TOOL }] })).toBe(588)
    expect(inputOf({ tools: [{ type: 'bash_20250124', name: 'bash' }] })).toBe(588 + 245)
    const format = { type: 'json_schema', schema: parameters }
    expect(inputOf({ output_config: { format } })).toBe(1024 + bytesOf(JSON.stringify(format)))
  })

  it('is the whole context window where tools bring in what nobody can tell', ({ expect }) => {
    const type = 'tool_search_tool_regex_20251119'
    expect(sized(messages({ model: CLAUDE, tools: [TOOL, { type, name: 'find' }] })).input).toBe(200_000)
    expect(sized(messages({ model: CLAUDE, mcp_servers: [{ type: 'url' }] })).input).toBe(200_000)
  })

  it('of models on Bedrock whose prompts nobody tells is more than any that is told', ({ expect }) => {
    const model = 'bedrock/eu.amazon.nova-lite-v1:0'
    const { input, translation } = sized(chat({ model, tools: [CHAT_TOOL] }))
    expect(input).toBe((translation?.bytes ?? 0) + 1024)
  })

  it('has nothing that is read from words of another wire, where the request that goes out is not known', ({
    expect,
  }) => {
    const ask = chat({ model: CLAUDE, tools: [CHAT_TOOL] })
    const { bound } = sizeHold(ask, routeOf(CLAUDE), { handling: DEFAULT_HANDLING })
    expect(bound.inputTokens).toBe(ask.bytes)
  })

  it('is expected to have it as well, where holds are estimates', ({ expect }) => {
    const { input, translation } = sized(chat({ model: CLAUDE, tools: [CHAT_TOOL] }), { admission: 'expected' })
    expect(input).toBe(Math.ceil((translation?.bytes ?? 0) / 3) + 588)
  })
})

describe('a bare name of Anthropic’s', () => {
  it('is not Bedrock’s, whose models say who made them', ({ expect }) => {
    const providerOf = (name: string) => routeOf(name).provider.name
    expect(providerOf('claude-haiku-4-5-20251001')).toBe('anthropic')
    expect(providerOf('anthropic.claude-haiku-4-5-20251001-v1:0')).toBe('bedrock')
    expect(providerOf('us-gov.anthropic.claude-haiku-4-5-20251001-v1:0')).toBe('bedrock')
  })
})
