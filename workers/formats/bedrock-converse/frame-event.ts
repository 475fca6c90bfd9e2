import type { WireEvent } from '../codec.ts'
import { objectIn } from '../read-sent.ts'
import type { Frame } from './frame.ts'

/** The code of what is wrong with the stream itself, not with the model. */
export const BROKEN_STREAM = 'BrokenEventStream'

/** An event that tells a failure: its data is the vendor's object with `code` beside it. */
export function exceptionEvent(code: string, said: Record<string, unknown>): WireEvent {
  return { event: 'exception', data: JSON.stringify({ ...said, code }) }
}

function payloadText(frame: Frame): string {
  return new TextDecoder().decode(frame.payload)
}

/**
 * A frame as an event: `:event-type` and the payload; or `exception`, for a frame of type `exception` (the service's own
 * errors), `error` (all others) or none that is known.
 */
export function frameEvent(frame: Frame): WireEvent {
  const header = (name: string) => frame.headers.get(name) ?? ''
  const text = payloadText(frame)
  switch (header(':message-type')) {
    case 'event':
      return { event: header(':event-type'), data: text }
    case 'exception':
      return exceptionEvent(header(':exception-type'), objectIn(text) ?? { message: text })
    case 'error':
      return exceptionEvent(header(':error-code'), { message: header(':error-message') })
    default:
      return exceptionEvent(BROKEN_STREAM, { message: 'A frame of an unknown type.' })
  }
}
