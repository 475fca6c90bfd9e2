import type { ChatAnswer, ChatAsk, ChatDelta } from './chat.ts'

/** A JSON object as it travels. */
export type Json = Record<string, unknown>

/** One server-sent event: its name, where it has one, and its data. Bedrock's binary events are made such before. */
export type WireEvent = { event?: string; data: string }

/** A failure as a vendor told it, whatever its shape. */
export type WireError = { status: number; code: string; message: string; type?: string; param?: string | null }

/** Reads one stream, event by event. Never throws: what it cannot read is an `error` delta, or nothing. */
export type StreamDecoder = {
  push(event: WireEvent): ChatDelta[]
  /** What is known once the stream has ended: a vendor may end without a word. */
  end(): ChatDelta[]
}

/** Writes one stream. The text is ready to be sent: events with their blank lines. */
export type StreamEncoder = {
  push(delta: ChatDelta): string
  end(): string
}

/**
 * One wire, both ways: as a client speaks it (decode its requests, encode its answers) and as a vendor does (the other two).
 * What one wire can say and another cannot is refused by the name of its field, with `untranslatable` (see
 * `untranslatable.ts`), never dropped in silence; hints that change no answer may be (each codec's README lists them).
 */
export type Codec = {
  /**
   * A request in nobody's words. The path's parts (Gemini has model and streaming there) are in `path`. Throws GatewayError:
   * `request_invalid` for what is malformed, `untranslatable` for what no other wire can say.
   */
  decodeRequest(body: Json, path?: { model?: string; isStream?: boolean }): ChatAsk
  /** The request's body. Throws `untranslatable`. */
  encodeRequest(ask: ChatAsk): Json
  decodeAnswer(body: Json): ChatAnswer
  encodeAnswer(answer: ChatAnswer, ask: ChatAsk): Json
  streamDecoder(): StreamDecoder
  streamEncoder(ask: ChatAsk): StreamEncoder
  /** A vendor's error body; `undefined` where it is none. */
  decodeError(status: number, body: unknown): WireError | undefined
  encodeError(error: WireError): Json
}
