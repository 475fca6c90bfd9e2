import { serverError } from './failure.ts'

/** The most that a server may say in one answer, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024

/** The text of a body as it comes, piece by piece, no further than a server may go on. */
export async function* textOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  if (!body) return
  const decoder = new TextDecoder('utf-8')
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw serverError(`its answer is longer than ${MAX_BYTES} bytes.`)
    yield decoder.decode(chunk, { stream: true })
  }
}

/** All of it. */
export async function wholeText(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const parts: string[] = []
  for await (const part of textOf(body)) parts.push(part)
  return parts.join('')
}

/** One server-sent event. */
export type ServerEvent = { name: string; data: string }

// Source: WHATWG HTML, section 9.2.6; one space after the colon is not a part of the value.
function eventOf(block: string): ServerEvent {
  const fields = block.split(/\r\n|\n|\r/).map(line => /^([^:]*):? ?(.*)$/s.exec(line) ?? [])
  const valuesOf = (wanted: string) => fields.filter(([, name]) => name === wanted).map(([, , value = '']) => value)
  return { name: valuesOf('event').at(-1) ?? 'message', data: valuesOf('data').join('\n') }
}

/** The events of a stream, as far as it is read. Whoever reads no further ends it. */
export async function* eventsOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<ServerEvent> {
  let rest = ''
  for await (const part of textOf(body)) {
    const blocks = (rest + part).split(/\r\n\r\n|\n\n|\r\r/)
    rest = blocks.pop() ?? ''
    for (const block of blocks) yield eventOf(block)
  }
}
