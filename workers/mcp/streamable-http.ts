import type { RpcMessage } from '../contracts/mcp-messages.ts'
import type { Channel, Opened } from './channel.ts'
import { serverError } from './failure.ts'
import { eventsOf, wholeText } from './read-answer.ts'
import { isAnswerTo, parseMessage, resultOf, rpcBody } from './rpc.ts'

const CLOSE_MS = 2000
const SESSION = 'mcp-session-id'

/** Refuses what is no success. Its body is not told: it may be a page that quotes what was sent. */
export async function assertAnswered(answer: Response): Promise<void> {
  if (answer.ok) return
  await answer.body?.cancel()
  const { status } = answer
  if (status === 401 || status === 403) throw serverError(`it refused what Weir proves itself with (HTTP ${status}).`)
  throw serverError(`it answered HTTP ${status}.`)
}

// An answer to a request is one message, or a stream in which it stands among what the server has to tell or to ask.
async function answerIn(answer: Response, id: number): Promise<RpcMessage> {
  await assertAnswered(answer)
  if (!/^text\/event-stream/i.test(answer.headers.get('content-type') ?? '')) {
    const message = parseMessage(await wholeText(answer.body))
    if (isAnswerTo(id, message)) return message
    throw serverError('it answered another request than it was sent.')
  }
  for await (const { data } of eventsOf(answer.body)) {
    const message = data === '' ? undefined : parseMessage(data)
    if (message && isAnswerTo(id, message)) return message
  }
  throw serverError('its stream ended before it had answered.')
}

/** Streamable HTTP. Source: MCP 2025-06-18, transports. A redirect is no answer: it would take the headers to another host. */
export function streamableHttp({ url, headers, signal, fetch }: Opened): Channel {
  const spoken: Record<string, string> = { ...headers }
  let lastId = 0
  const post = (body: string) => {
    const accept = 'application/json, text/event-stream'
    const init = { method: 'POST', headers: { ...spoken, accept, 'content-type': 'application/json' }, body, signal }
    return fetch(url, { ...init, redirect: 'manual' })
  }
  return {
    async request(method, params) {
      const id = ++lastId
      const answer = await post(rpcBody({ id, method, params }))
      const session = answer.headers.get(SESSION)
      if (method === 'initialize' && session) spoken[SESSION] = session
      return resultOf(await answerIn(answer, id))
    },
    async notify(method) {
      const answer = await post(rpcBody({ method }))
      await assertAnswered(answer)
      await answer.body?.cancel()
    },
    agree(version) {
      spoken['mcp-protocol-version'] = version
    },
    async close() {
      if (!spoken[SESSION]) return
      const over = AbortSignal.timeout(CLOSE_MS)
      const answer = await fetch(url, { method: 'DELETE', headers: spoken, signal: over, redirect: 'manual' })
      await answer.body?.cancel()
    },
  }
}
