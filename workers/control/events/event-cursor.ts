import { base64url } from 'jose'
import { badParam } from '../http/query.ts'

const VERSION = '1.'
const EVENT_ID = /^evt_[0-9a-f]{32}_\d+$/

/** A cursor after an event: the page that it opens begins with the next older one. */
export function cursorAfter(eventId: string): string {
  return base64url.encode(VERSION + eventId)
}

function decoded(cursor: string): string {
  try {
    return new TextDecoder().decode(base64url.decode(cursor))
  } catch {
    return ''
  }
}

/** The id of the event that a cursor is after. Throws `request_invalid` for what no page gave. */
export function readCursor(cursor: string): string {
  const text = decoded(cursor)
  const id = text.slice(VERSION.length)
  if (text.startsWith(VERSION) && EVENT_ID.test(id)) return id
  throw badParam('cursor', 'the next_cursor of a page, as it was given')
}
