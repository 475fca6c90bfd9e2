import type { RpcMessage } from '../contracts/mcp-messages.ts'
import type { Channel, Opened } from './channel.ts'
import { serverError } from './failure.ts'
import { eventsOf, type ServerEvent } from './read-answer.ts'
import { isAnswerTo, parseMessage, resultOf, rpcBody } from './rpc.ts'
import { assertAnswered } from './streamable-http.ts'

type Events = AsyncGenerator<ServerEvent>

async function nextEvent(events: Events): Promise<ServerEvent> {
  const { value, done } = await events.next()
  if (done) throw serverError('its stream ended before it had answered.')
  return value
}

// Only where the stream came from: anywhere else the headers would be told to somebody else.
async function postAddress(events: Events, url: string): Promise<string> {
  let event = await nextEvent(events)
  while (event.name !== 'endpoint') event = await nextEvent(events)
  const address = URL.parse(event.data, url)
  if (address && address.origin === new URL(url).origin) return address.href
  throw serverError('it names an address for messages that is not its own.')
}

async function answerAmong(events: Events, id: number): Promise<RpcMessage> {
  for (;;) {
    const { name, data } = await nextEvent(events)
    const message = name === 'message' && data !== '' ? parseMessage(data) : undefined
    if (message && isAnswerTo(id, message)) return message
  }
}

/** The older transport: a stream that tells where to POST, and in which all answers come. Source: MCP 2024-11-05, transports. */
export async function eventStream({ url, headers, signal, fetch }: Opened): Promise<Channel> {
  const stream = await fetch(url, {
    headers: { ...headers, accept: 'text/event-stream' },
    signal,
    redirect: 'manual',
  })
  await assertAnswered(stream)
  const events = eventsOf(stream.body)
  const address = await postAddress(events, url)
  let lastId = 0
  const post = async (body: string) => {
    const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body, signal }
    const answer = await fetch(address, { ...init, redirect: 'manual' })
    await assertAnswered(answer)
    await answer.body?.cancel()
  }
  return {
    async request(method, params) {
      const id = ++lastId
      await post(rpcBody({ id, method, params }))
      return resultOf(await answerAmong(events, id))
    },
    notify: method => post(rpcBody({ method })),
    agree() {
      // It was not said in a header then.
    },
    close: async () => void (await events.return(undefined)),
  }
}
