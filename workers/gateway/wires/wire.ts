import type { GatewayError } from '../../errors/gateway-error.ts'
import type { FormatName } from '../../formats/format-name.ts'
import type { Ask } from '../ask.ts'

/** What an address says of a request, on wires that have it there. */
export type PathParts = { model?: string; isStream?: boolean; alt?: string | undefined }

/** A request as it came: its JSON object, the bytes of its text, and what its path says. */
export type Incoming = { raw: Record<string, unknown>; bytes: number; path: PathParts }

/** A way in: how clients of one format ask, and how they are told what went wrong. */
export type Wire = {
  format: FormatName
  /** Strict where we decide, loose where we forward. Throws a 400 that names the field. */
  read(incoming: Incoming): Ask
  /** A failure in the words of this wire. */
  renderError(error: GatewayError, requestId: string): Response
  /** Whether a stream that ends in these bytes has been told whole. */
  endsWhole(tail: string): boolean
}
