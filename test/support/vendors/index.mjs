import { anthropicCounter, anthropicMessages } from './anthropic-messages.mjs'
import { azureChat, azureResponses } from './azure.mjs'
import { bedrock, bedrockEnv } from './bedrock.mjs'
import { cohere } from './cohere.mjs'
import { gemini } from './gemini.mjs'
import { openaiChat } from './openai-chat.mjs'
import { openaiResponses } from './openai-responses.mjs'
import { startVendor } from './serve-vendor.mjs'
import { startTokenEndpoint, vertexClaude, vertexGemini } from './vertex.mjs'

/** What each vendor bills, in nano-dollars a token: list prices of the models that the tests ask for. */
const NANO_PER_TOKEN = {
  openai: { model: 'gpt-4o-mini', input: 150, cached: 75, written: 150, output: 600 },
  anthropic: { model: 'claude-haiku-4-5', input: 1000, cached: 100, written: 1250, output: 5000 },
  google: { model: 'gemini-2.5-flash', input: 300, cached: 30, written: 300, output: 2500 },
  // Within Europe, at a tenth more than anywhere.
  bedrock: {
    model: 'eu.anthropic.claude-haiku-4-5-20251001-v1:0',
    input: 1100,
    cached: 110,
    written: 1375,
    output: 5500,
  },
  cohere: { model: 'command-a-03-2025', input: 2500, cached: 2500, written: 2500, output: 10_000 },
  azure: { model: 'gpt-4o-mini', input: 150, cached: 75, written: 150, output: 600 },
  vertex: { model: 'gemini-2.5-flash', input: 300, cached: 30, written: 300, output: 2500 },
  // A region of Europe, at a tenth more.
  'vertex-anthropic': { model: 'claude-haiku-4-5@20251001', input: 1100, cached: 110, written: 1375, output: 5500 },
}

/** Those that write a fifth of what they have not read from the cache to it, at a price of its own. */
const WRITES_CACHE = ['anthropic', 'vertex-anthropic', 'bedrock']

/** The model that is asked for at each vendor. */
export const MODELS = Object.fromEntries(Object.entries(NANO_PER_TOKEN).map(([name, { model }]) => [name, model]))

/** What a vendor bills for calls, by its list prices; nothing for those that it refused. */
export function billedBy(vendor, calls) {
  const { input, cached, written, output } = NANO_PER_TOKEN[vendor]
  const costs = calls.map(({ usage }) => {
    if (!usage) return 0
    const kept = WRITES_CACHE.includes(vendor) ? Math.floor((usage.input - usage.cached) / 5) : 0
    const fresh = usage.input - usage.cached - kept
    return fresh * input + usage.cached * cached + kept * written + usage.output * output
  })
  return costs.reduce((total, cost) => total + cost, 0)
}

/** Starts all vendors. `env`: what a Weir is told, so that it calls them. */
export async function startVendors() {
  const vertex = await startVendor(vertexGemini, vertexClaude)
  const tokens = await startTokenEndpoint()
  const vendors = {
    openai: await startVendor(openaiChat, openaiResponses),
    anthropic: await startVendor(anthropicMessages, anthropicCounter),
    google: await startVendor(gemini),
    azure: await startVendor(azureChat, azureResponses),
    vertex,
    'vertex-anthropic': vertex,
    bedrock: await startVendor(bedrock),
    cohere: await startVendor(cohere),
  }
  const env = {
    OPENAI_API_KEY: 'sk-vendor',
    OPENAI_BASE_URL: `${vendors.openai.baseUrl}/v1`,
    ANTHROPIC_API_KEY: 'sk-vendor',
    ANTHROPIC_BASE_URL: vendors.anthropic.baseUrl,
    GEMINI_API_KEY: 'sk-vendor',
    GEMINI_BASE_URL: vendors.google.baseUrl,
    AZURE_OPENAI_API_KEY: 'sk-vendor',
    AZURE_OPENAI_BASE_URL: vendors.azure.baseUrl,
    AZURE_OPENAI_API_VERSION: '2024-10-21',
    VERTEX_BASE_URL: vertex.baseUrl,
    ...tokens.env,
    ...bedrockEnv,
    BEDROCK_BASE_URL: vendors.bedrock.baseUrl,
    COHERE_API_KEY: 'sk-vendor',
    COHERE_BASE_URL: vendors.cohere.baseUrl,
  }
  const stop = () => Promise.all([...new Set([...Object.values(vendors), tokens])].map(vendor => vendor.stop()))
  return { vendors, env, stop }
}
