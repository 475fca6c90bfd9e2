import type { Door } from '../door.ts'

/**
 * Workers AI over HTTP, for a deployment that has no binding of it: OpenAI's wire below the address of an account. Setting:
 * `accountId`. Source: Cloudflare docs, Workers AI, OpenAI compatible API endpoints.
 */
export function workersAiDoor(): Door {
  return {
    address: ({ access: { baseUrl, settings }, path }) =>
      `${baseUrl}/accounts/${encodeURIComponent(settings.accountId ?? '')}/ai/v1${path}`,
    async prove(_, { access: { secret } }) {
      return { authorization: `Bearer ${secret}` }
    },
  }
}
