/** What an event says: its name, where it has one, and its data. */
export type SseText = { event: string | undefined; data: string }

// Made once: as an object of the runtime it costs more than what it decodes. Events are whole, so that it keeps nothing.
const utf8 = new TextDecoder()
const DATA = 'data: '

function valueIn(line: string, field: string): string | undefined {
  if (!line.startsWith(field) || line[field.length] !== ':') return undefined
  return line.slice(field.length + (line[field.length + 1] === ' ' ? 2 : 1))
}

function linesOf(text: string): SseText {
  const data: string[] = []
  let event: string | undefined
  for (const line of text.split(/\r?\n/)) {
    const value = valueIn(line, 'data')
    if (value !== undefined) data.push(value)
    else event = valueIn(line, 'event') ?? event
  }
  return { event, data: data.join('\n') }
}

/** Reads the lines of one event (WHATWG HTML, section 9.2). */
export function eventText(bytes: Uint8Array): SseText {
  const text = utf8.decode(bytes)
  // Nearly all are one line of data.
  const isOneLine = text.startsWith(DATA) && text.indexOf('\n') === text.length - 2 && !text.includes('\r')
  return isOneLine ? { event: undefined, data: text.slice(DATA.length, -2) } : linesOf(text)
}
