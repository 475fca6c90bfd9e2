import type { GatewayError } from '../../errors/gateway-error.ts'
import type { FormatName } from '../../formats/format-name.ts'
import type { Ask } from '../ask.ts'

/** What an address says of a request, on wires that have it there. */
export type PathParts = { model?: string; isStream?: boolean; alt?: string | undefined }

/**
 * A request as it came: its JSON object, the bytes of its text, and what its path says. Of one that came as a form, `raw` has
 * the texts, and `file` is what the wire reads itself.
 */
export type Incoming = {
  raw: Record<string, unknown>
  bytes: number
  path: PathParts
  form?: FormData
  file?: Uint8Array | undefined
}

/** A way in: how clients of one format ask, and how they are told what went wrong. */
export type Wire = {
  format: FormatName
  /** Of requests that come as `multipart/form-data`: the name of the file that the wire reads itself, if any. Others are JSON. */
  form?: { reads?: string }
  /** Strict where we decide, loose where we forward. Throws a 400 that names the field. */
  read(incoming: Incoming): Ask
  /** A failure in the words of this wire. */
  renderError(error: GatewayError, requestId: string): Response
  /** Whether a stream that ends in these bytes has been told whole. */
  endsWhole(tail: string): boolean
}
