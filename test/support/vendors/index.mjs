import { anthropicCounter, anthropicMessages } from './anthropic-messages.mjs'
import { gemini } from './gemini.mjs'
import { openaiChat } from './openai-chat.mjs'
import { openaiResponses } from './openai-responses.mjs'
import { startVendor } from './serve-vendor.mjs'

/** What each vendor bills, in nano-dollars a token: list prices of the models that the tests ask for. */
const NANO_PER_TOKEN = {
  openai: { model: 'gpt-4o-mini', input: 150, cached: 75, written: 150, output: 600 },
  anthropic: { model: 'claude-haiku-4-5', input: 1000, cached: 100, written: 1250, output: 5000 },
  google: { model: 'gemini-2.5-flash', input: 300, cached: 30, written: 300, output: 2500 },
}

/** The model that is asked for at each vendor. */
export const MODELS = Object.fromEntries(Object.entries(NANO_PER_TOKEN).map(([name, { model }]) => [name, model]))

/** What a vendor bills for calls, by its list prices; nothing for those that it refused. */
export function billedBy(vendor, calls) {
  const { input, cached, written, output } = NANO_PER_TOKEN[vendor]
  const costs = calls.map(({ usage }) => {
    if (!usage) return 0
    const kept = vendor === 'anthropic' ? Math.floor((usage.input - usage.cached) / 5) : 0
    const fresh = usage.input - usage.cached - kept
    return fresh * input + usage.cached * cached + kept * written + usage.output * output
  })
  return costs.reduce((total, cost) => total + cost, 0)
}

/** Starts all vendors. `env`: what a Weir is told, so that it calls them. */
export async function startVendors() {
  const [openai, anthropic, google] = await Promise.all([
    startVendor(openaiChat, openaiResponses),
    startVendor(anthropicMessages, anthropicCounter),
    startVendor(gemini),
  ])
  const env = {
    OPENAI_API_KEY: 'sk-vendor',
    OPENAI_BASE_URL: `${openai.baseUrl}/v1`,
    ANTHROPIC_API_KEY: 'sk-vendor',
    ANTHROPIC_BASE_URL: anthropic.baseUrl,
    GEMINI_API_KEY: 'sk-vendor',
    GEMINI_BASE_URL: google.baseUrl,
  }
  const stop = () => Promise.all([openai, anthropic, google].map(vendor => vendor.stop()))
  return { vendors: { openai, anthropic, google }, env, stop }
}
