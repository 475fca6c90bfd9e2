import type { FormatName } from '../../formats/format-name.ts'
import type { Access, ProviderRequest } from '../port.ts'

/** As much of `fetch` as a provider needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * What is asked of a vendor: in which format, and where that format is asked for, behind a base address. `fetch`: for a door
 * that has to ask for a token first.
 */
export type Asked = {
  format: FormatName
  path: string
  request: ProviderRequest
  access: Access
  nowMs: number
  fetch: Fetch
}

/** A request that is ready to be sent, but for the proof of who sends it. */
export type Outgoing = { url: string; headers: Record<string, string>; body: string | FormData }

/**
 * How a vendor's door is opened, where that is not as its format has it (the path behind the base address, the secret in the
 * format's own header).
 */
export type Door = {
  /** The whole address. */
  address(asked: Asked): string
  /** The headers that prove who asks. May ask the vendor for a token; rejects where that is not to be had. */
  prove(outgoing: Outgoing, asked: Asked): Promise<Record<string, string>>
  /** The body to send, where something in it depends on the account. */
  body?(asked: Asked): string | FormData
  /** Takes back a proof that was answered 401, and says whether a new one can be had: it is then asked for, once. */
  disown?(proof: Record<string, string>, asked: Asked): boolean
  /** The answer as its format has it, where the vendor wraps it in something else. */
  unwrap?(answer: Response, asked: Asked): Response
}
