import type { Json } from '../codec.ts'

/** How the events of a stream follow each other. */
export type Frame = { event(body: Json): string; end(): string }

/** Server-sent events: a stream that was asked for with `alt=sse`. They need no last word. */
export function sseFrame(): Frame {
  return { event: body => `data: ${JSON.stringify(body)}\n\n`, end: () => '' }
}

/** One JSON array, an element an event: a stream that was asked for without `alt=sse`. */
export function arrayFrame(): Frame {
  let isOpen = false
  return {
    event(body) {
      const before = isOpen ? ',\n' : '['
      isOpen = true
      return before + JSON.stringify(body)
    },
    end: () => (isOpen ? ']' : '[]'),
  }
}
