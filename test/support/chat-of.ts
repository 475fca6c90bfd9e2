import type { Endpoint, Provider } from '../../workers/providers/port.ts'

/** A provider's chat, as OpenAI's clients speak it. */
export function chatOf(provider: Provider | undefined): Endpoint {
  const endpoint = provider?.endpoints.get('openai-chat')
  if (!endpoint) throw new Error(`${provider?.name} has no chat`)
  return endpoint
}
