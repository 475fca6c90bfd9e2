import { anthropicCounter, anthropicMessages } from './anthropic-messages.mjs'
import { azureChat, azureResponses } from './azure.mjs'
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
  azure: { model: 'gpt-4o-mini', input: 150, cached: 75, written: 150, output: 600 },
  vertex: { model: 'gemini-2.5-flash', input: 300, cached: 30, written: 300, output: 2500 },
  // A region of Europe, at a tenth more.
  'vertex-anthropic': { model: 'claude-haiku-4-5@20251001', input: 1100, cached: 110, written: 1375, output: 5500 },
}

/** The model that is asked for at each vendor. */
export const MODELS = Object.fromEntries(Object.entries(NANO_PER_TOKEN).map(([name, { model }]) => [name, model]))

/** What a vendor bills for calls, by its list prices; nothing for those that it refused. */
export function billedBy(vendor, calls) {
  const { input, cached, written, output } = NANO_PER_TOKEN[vendor]
  const costs = calls.map(({ usage }) => {
    if (!usage) return 0
    const kept = vendor.endsWith('anthropic') ? Math.floor((usage.input - usage.cached) / 5) : 0
    const fresh = usage.input - usage.cached - kept
    return fresh * input + usage.cached * cached + kept * written + usage.output * output
  })
  return costs.reduce((total, cost) => total + cost, 0)
}

/** Starts all vendors. `env`: what a Weir is told, so that it calls them. */
export async function startVendors() {
  const [openai, anthropic, google, azure, vertex, tokens] = await Promise.all([
    startVendor(openaiChat, openaiResponses),
    startVendor(anthropicMessages, anthropicCounter),
    startVendor(gemini),
    startVendor(azureChat, azureResponses),
    startVendor(vertexGemini, vertexClaude),
    startTokenEndpoint(),
  ])
  const env = {
    OPENAI_API_KEY: 'sk-vendor',
    OPENAI_BASE_URL: `${openai.baseUrl}/v1`,
    ANTHROPIC_API_KEY: 'sk-vendor',
    ANTHROPIC_BASE_URL: anthropic.baseUrl,
    GEMINI_API_KEY: 'sk-vendor',
    GEMINI_BASE_URL: google.baseUrl,
    AZURE_OPENAI_API_KEY: 'sk-vendor',
    AZURE_OPENAI_BASE_URL: azure.baseUrl,
    AZURE_OPENAI_API_VERSION: '2024-10-21',
    VERTEX_BASE_URL: vertex.baseUrl,
    ...tokens.env,
  }
  const vendors = { openai, anthropic, google, azure, vertex, 'vertex-anthropic': vertex }
  const stop = () => Promise.all([...new Set([...Object.values(vendors), tokens])].map(vendor => vendor.stop()))
  return { vendors, env, stop }
}
