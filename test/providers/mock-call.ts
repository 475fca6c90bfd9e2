import { mockProvider } from '../../workers/providers/mock/mock-provider.ts'
import { readOpenaiUsage } from '../../workers/providers/openai/read-usage.ts'
import { chatOf } from '../support/chat-of.ts'

export type Chat = Record<string, unknown>
type Call = { id: string; function: { name: string; arguments: string } }

/** As much of a completion as the tests look at. */
export type Completion = {
  id: string
  choices: { index: number; message: { content: string | null; tool_calls?: Call[] }; finish_reason: string }[]
  usage: { prompt_tokens: number; completion_tokens: number; completion_tokens_details: { reasoning_tokens: number } }
}

/** As much of a chunk as the tests look at. */
export type Chunk = {
  choices: {
    index: number
    delta: { content?: string | null; tool_calls?: ({ index: number; id?: string } & Pick<Call, 'function'>)[] }
    finish_reason: string | null
  }[]
  usage?: Completion['usage'] | null
}

export const user = (content: unknown) => ({ role: 'user', content })

/** The JSON text of a chat that says `chat.messages`, or one word. */
export function chatBody(chat: Chat): string {
  return JSON.stringify({ model: 'm', messages: [user('hello')], ...chat })
}

export function call(model: string, chat: Chat = {}, signal?: AbortSignal): Promise<Response> {
  const body = chatBody(chat)
  return chatOf(mockProvider()).call({ model, body, isStream: chat.stream === true, ...(signal && { signal }) })
}

export async function complete(model: string, chat: Chat = {}): Promise<Completion> {
  return (await call(model, chat)).json()
}

export async function usageOf(model: string, chat: Chat = {}) {
  return readOpenaiUsage(await complete(model, chat))
}

/** The data of each event of a stream that ends well. */
export async function eventData(response: Response): Promise<string[]> {
  const events = (await response.text()).split('\n\n')
  if (events.pop() !== '') throw new Error('The stream does not end with an event.')
  return events.map(event => event.replace(/^data: /, ''))
}

/** The chunks of a streamed chat, usage asked for. */
export async function chunks(model: string, chat: Chat = {}): Promise<Chunk[]> {
  const data = await eventData(await call(model, { stream: true, stream_options: { include_usage: true }, ...chat }))
  if (data.pop() !== '[DONE]') throw new Error('The stream does not end with [DONE].')
  return data.map(text => JSON.parse(text) as Chunk)
}
