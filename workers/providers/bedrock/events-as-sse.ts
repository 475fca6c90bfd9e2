import { EventStreamReader } from '../../formats/bedrock-converse/event-stream.ts'
import type { WireEvent } from '../../formats/codec.ts'

const utf8 = new TextEncoder()

/** Between the tokens of JSON a line may end; within server-sent data it may not. */
const LINE_ENDS = /[\r\n]+/g

function said({ event = '', data }: WireEvent): string {
  return `event: ${event.replace(LINE_ENDS, ' ')}\ndata: ${data.replace(LINE_ENDS, ' ')}\n\n`
}

type Source = ReadableStreamDefaultReader<Uint8Array>

async function nextStep(source: Source, events: EventStreamReader): Promise<{ text: string; isOver: boolean }> {
  const { done, value } = await source.read()
  const text = (done ? events.end() : events.push(value)).map(said).join('')
  return { text, isOver: done || events.isBroken }
}

/**
 * A body of `application/vnd.amazon.eventstream` as server-sent events, made as they are read: nothing is read ahead of who
 * listens. A broken frame is an event `exception`, with which the stream ends: what may follow it is not waited for.
 */
export function eventsAsSse(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const source = body.getReader()
  const events = new EventStreamReader()
  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    let step = await nextStep(source, events)
    while (step.text === '' && !step.isOver) step = await nextStep(source, events)
    if (step.text !== '') controller.enqueue(utf8.encode(step.text))
    if (!step.isOver) return
    controller.close()
    source.cancel().catch(() => undefined)
  }
  // With nothing in store, since what is in store is lost where the other side breaks off.
  return new ReadableStream({ pull, cancel: reason => source.cancel(reason) }, { highWaterMark: 0 })
}
