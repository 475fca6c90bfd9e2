import { restored } from './attempts/restored.ts'

/** As many bytes as it takes to tell events from anything else. */
const PEEK_BYTES = 16
const BEGINS_AS_EVENTS = /^\uFEFF?\s*(data|event|id|retry)?:/

type Chunk = Uint8Array<ArrayBuffer>
type Reader = ReadableStreamDefaultReader<Chunk>

/** Whether an answer says that it is a stream of events. */
export function saysStream({ headers }: Response): boolean {
  return /event-stream/.test(headers.get('content-type') ?? '')
}

// A body that breaks off here breaks off again for whoever reads on.
async function readFirst(reader: Reader): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for (let size = 0; size < PEEK_BYTES; ) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
    if (done || !value) break
    chunks.push(value)
    size += value.length
  }
  return chunks
}

/**
 * The answer to a request for a stream, with the content type of one where it is one and says otherwise: some vendors do.
 * What says that it is one is not looked at, so that its headers go on at once.
 */
export async function unmasked(answer: Response): Promise<Response> {
  if (!answer.ok || !answer.body || saysStream(answer)) return answer
  const reader: Reader = answer.body.getReader()
  const first = await readFirst(reader)
  const text = await new Blob(first).text()
  const headers = new Headers(answer.headers)
  if (BEGINS_AS_EVENTS.test(text)) headers.set('content-type', 'text/event-stream')
  return new Response(restored(first, reader), { status: answer.status, headers })
}
