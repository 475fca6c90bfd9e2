// Joins the limits of models.dev (data/model-limits.json) to the models of genai-prices, by genai-prices' own matching.
import { calcPrice } from '@pydantic/genai-prices'

/** Provider of models.dev -> provider of genai-prices. */
const PROVIDERS = {
  'amazon-bedrock': 'aws',
  anthropic: 'anthropic',
  azure: 'azure',
  cerebras: 'cerebras',
  'cloudflare-workers-ai': 'cloudflare',
  cohere: 'cohere',
  deepseek: 'deepseek',
  'fireworks-ai': 'fireworks',
  google: 'google',
  'google-vertex': 'google',
  groq: 'groq',
  minimax: 'minimax',
  mistral: 'mistral',
  moonshotai: 'moonshotai',
  openai: 'openai',
  openrouter: 'openrouter',
  perplexity: 'perplexity',
  togetherai: 'together',
  xai: 'x-ai',
  zai: 'zai',
}

/** The facts of a provider as `[model, name, limits]`: which model each name of models.dev means. */
function resolve(facts, providerId) {
  const sources = Object.keys(PROVIDERS).filter(source => PROVIDERS[source] === providerId)
  const named = sources.flatMap(source => Object.entries(facts.providers[source]))
  return named.map(([name, limits]) => [calcPrice({}, name, { providerId })?.model, name.toLowerCase(), limits])
}

function largest(values) {
  const known = values.filter(value => value !== undefined)
  return known.length > 0 ? Math.max(...known) : undefined
}

function widest(limits) {
  const context = largest(limits.map(limit => limit.context))
  const output = largest(limits.map(limit => limit.output))
  const media = limits.length > 0 ? limits.some(limit => limit.media) : undefined
  return { context, output, media }
}

// A bound must not be too small, so where the sources differ on a context window the larger one is taken.
function limitsOf(model, limits) {
  const { context, output, media } = widest(limits)
  return { context: largest([context, model.context_window]), output, media }
}

// Names of one entry whose output limits differ (`gpt-5.1` and `gpt-5.1-chat-latest`): a cap taken from the wrong one
// is refused by the provider.
function variantsOf(own, known) {
  const names = [...new Set(known.map(([, name]) => name))].sort()
  const limits = names.map(name => [name, limitsOf({}, limitsNamed(known, name))])
  const differing = limits.filter(([, variant]) => variant.output !== own.output)
  return differing.length > 0 ? { variants: Object.fromEntries(differing) } : {}
}

function limitsNamed(known, wanted) {
  return known.filter(([, name]) => name === wanted).map(([, , limits]) => limits)
}

/** The limits of one model: `context` and `output` in tokens, `media` whether it takes more than text; absent: unknown. */
export function limitsJoiner(facts, providerId) {
  const resolved = resolve(facts, providerId)
  return model => {
    const known = resolved.filter(([matched]) => matched === model)
    const exact = limitsNamed(known, model.id.toLowerCase())
    const own = limitsOf(model, exact.length > 0 ? exact : known.map(([, , limits]) => limits))
    return { ...own, ...variantsOf(own, known) }
  }
}
