import type { Dialect, Provider, ProviderRequest } from '../../workers/providers/port.ts'

/** A provider's chat, as OpenAI's clients speak it, opened by its first key. */
export function chatOf(provider: Provider | undefined): {
  dialect: Dialect
  call(request: ProviderRequest): Promise<Response>
} {
  const endpoint = provider?.endpoints.get('openai-chat')
  const [key] = provider?.keys ?? []
  if (!endpoint || !key) throw new Error(`${provider?.name} has no chat`)
  return { dialect: endpoint.dialect, call: async request => endpoint.call(request, await key.open()) }
}
