import { asRecord } from '../../formats/as-record.ts'
import { parseEvent } from '../../providers/parse-event.ts'
import type { StreamReader } from '../../providers/port.ts'
import { type SseEvent, SseEvents } from '../sse-events.ts'
import { tellsFailure } from '../tells-failure.ts'
import type { Failure } from './failure.ts'

type Chunk = Uint8Array<ArrayBuffer>

/** A stream that was read up to its first token: `held` was read of it already; `reader` has seen as much. */
export type Begun = { held: Chunk[]; reader: StreamReader; failure: Failure | undefined }

const BROKEN: Failure = { reason: 'broken', status: null, retryAfterMs: null }
/** As much is held back of a stream that says nothing. */
const MAX_HELD_BYTES = 1_048_576
const HAS_ERROR = /"(error|code)"\s*:|^\s*error\s*$/

function statusOf(error: Record<string, unknown>): number {
  const { status, code } = error
  const told = [status, code].find(one => typeof one === 'number' && one >= 400 && one <= 599)
  return typeof told === 'number' ? told : 502
}

// Vendors tell of a failure in mid-stream as `error`, alone or inside the response that failed.
function failureOf({ event, data }: SseEvent): Failure | undefined {
  if (event !== 'error' && !HAS_ERROR.test(data)) return undefined
  const told = parseEvent(data)
  const body = tellsFailure(told) ? told : asRecord(told.response)
  if (event !== 'error' && told.type !== 'error' && !tellsFailure(body)) return undefined
  return { reason: 'status', status: statusOf(asRecord(body.error)), retryAfterMs: null }
}

/** Follows a stream to its first token. */
class Watch {
  readonly #events = new SseEvents()
  readonly #reader: StreamReader
  failure: Failure | undefined

  constructor(reader: StreamReader) {
    this.#reader = reader
  }

  /** Whether there is no more to wait for. */
  push(chunk: Chunk): boolean {
    for (const event of this.#events.push(chunk)) {
      this.#reader.read(event.data)
      this.failure ??= failureOf(event)
    }
    return this.failure !== undefined || this.hasBegun
  }

  get hasBegun(): boolean {
    return this.#reader.countOutput() > 0 || this.#reader.hasEnded()
  }
}

// A stream of another shape is none to be judged: it goes on as it came, and its end is told from its bytes.
function isEnough(held: Chunk[]): boolean {
  return held.reduce((size, { length }) => size + length, 0) > MAX_HELD_BYTES
}

/**
 * Reads a stream up to its first token, so that what fails before it can be tried elsewhere: the client has seen nothing yet.
 * `failure`: it told of one, or ended or broke off without a word. `hears` is called before each look at what comes.
 */
export async function untilFirstToken(
  body: ReadableStream<Uint8Array>,
  reader: StreamReader,
  hears: () => void = () => undefined,
): Promise<Begun> {
  const source = (body as ReadableStream<Chunk>).getReader()
  const watch = new Watch(reader)
  const held: Chunk[] = []
  for (;;) {
    hears()
    const next = await source.read().catch(() => undefined)
    if (next?.value) held.push(next.value)
    if (next?.value && !watch.push(next.value) && !isEnough(held)) continue
    const isSilent = !next?.value && !watch.hasBegun && reader.usage()?.isWhole !== true
    // Free again for whoever reads on: a stream made of both would double what each chunk costs.
    source.releaseLock()
    return { held, reader, failure: watch.failure ?? (isSilent ? BROKEN : undefined) }
  }
}
