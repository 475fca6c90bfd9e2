import { openaiChatWire } from './openai-chat.ts'
import type { PathParts, Wire } from './wire.ts'

/** A wire and what the path says of the request. */
export type WireAt = { wire: Wire; path: PathParts }

const WIRES: Record<string, Wire> = {
  '/v1/chat/completions': openaiChatWire,
}

/** The wire that is spoken at a path, or `undefined`. */
export function wireAt(pathname: string): WireAt | undefined {
  const wire = WIRES[pathname]
  return wire && { wire, path: {} }
}

/** The paths at which wires are spoken, as the router matches them. */
export const WIRE_PATHS = Object.keys(WIRES)
