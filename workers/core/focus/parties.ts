/** Who sells a service and invoices it, and who made the model. Who sells is taken for the host: nobody tells whose machines it rents. */
export type Parties = { seller: string; developer: string | null }

// By the names that the deployment's providers have, and their vendors. An account of a tenant's has the name it was given.
const SELLERS: Record<string, string> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  google: 'Google',
  gemini: 'Google',
  vertex: 'Google Cloud',
  azure: 'Microsoft Azure',
  bedrock: 'Amazon Web Services',
  mistral: 'Mistral AI',
  groq: 'Groq',
  deepseek: 'DeepSeek',
  xai: 'xAI',
  together: 'Together AI',
  fireworks: 'Fireworks AI',
  openrouter: 'OpenRouter',
  perplexity: 'Perplexity',
  cerebras: 'Cerebras',
  cohere: 'Cohere',
  'workers-ai': 'Cloudflare',
  weir: 'Weir',
}

const DEVELOPERS: [model: RegExp, name: string][] = [
  [/gpt-|\bo[1-9]\b|o[1-9]-|text-embedding|whisper|tts-|dall-e/, 'OpenAI'],
  [/claude/, 'Anthropic'],
  [/gemini|gemma/, 'Google'],
  [/llama/, 'Meta'],
  [/mistral|mixtral|codestral|ministral/, 'Mistral AI'],
  [/deepseek/, 'DeepSeek'],
  [/grok/, 'xAI'],
  [/qwen/, 'Alibaba Cloud'],
  [/command|rerank|embed-/, 'Cohere'],
  [/nova-|titan/, 'Amazon'],
]

/** The parties to a charge, by the names of its provider and model; a provider that is not known is called as it is. */
export function partiesOf(provider: string, model: string): Parties {
  const known = Object.hasOwn(SELLERS, provider) ? SELLERS[provider] : undefined
  const name = model.toLowerCase()
  return { seller: known ?? provider, developer: DEVELOPERS.find(([rule]) => rule.test(name))?.[1] ?? null }
}
