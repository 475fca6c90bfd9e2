import { asRecord } from '../../formats/as-record.ts'
import { ownKey } from '../http/http-provider.ts'
import { openaiDialect } from '../openai/openai-dialect.ts'
import type { Provider, ProviderRequest } from '../port.ts'
import { chatBody } from './chat-body.ts'
import { chatEvents } from './chat-events.ts'

/** As much of the binding as is used. With `returnRawResponse` it answers errors as a Response too, and does not throw them. */
export type WorkersAi = {
  run(
    model: string,
    inputs: Record<string, unknown>,
    options: { returnRawResponse: true; signal?: AbortSignal },
  ): Promise<Response>
}

function isEvents({ headers }: Response): boolean {
  return /event-stream/.test(headers.get('content-type') ?? '')
}

async function asChat(answer: Response, { model }: ProviderRequest, id: string): Promise<Response> {
  if (!answer.ok || !answer.body) return answer
  const { status, headers } = answer
  if (!isEvents(answer)) return new Response(chatBody(await answer.text(), { id, model }), { status, headers })
  return new Response(answer.body.pipeThrough(chatEvents({ id, model })), { status, headers })
}

/**
 * Workers AI through its binding. Text models answer in OpenAI's chat shape or, the older ones, in Cloudflare's own, which is
 * made into that. Source: Cloudflare docs, Workers AI, bindings; workerd's `ai-api.ts`; workers-ai-provider's `streaming.ts`.
 */
export function workersAiProvider(ai: WorkersAi): Provider {
  let calls = 0
  const call = async (request: ProviderRequest) => {
    calls += 1
    const { model: _, ...inputs } = asRecord(typeof request.body === 'string' ? JSON.parse(request.body) : {})
    const { model, signal } = request
    const answer = await ai.run(model, inputs, { returnRawResponse: true, ...(signal && { signal }) })
    return asChat(answer, request, `chatcmpl-workers-ai-${calls}`)
  }
  return {
    name: 'workers-ai',
    pricebook: 'cloudflare',
    keys: [ownKey({ baseUrl: '', secret: '', settings: {} })],
    endpoints: new Map([['openai-chat', { dialect: openaiDialect({ outputCapField: 'max_tokens' }), call }]]),
  }
}
