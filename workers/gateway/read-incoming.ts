import { readBody, readBytes } from '../contracts/read-body.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { parseBody } from './parse-body.ts'
import type { GatewaySettings } from './ports.ts'
import { filesOf, textsOf } from './wires/form-parts.ts'
import type { Incoming, Wire } from './wires/wire.ts'
import type { WireAt } from './wires/wire-at.ts'

/** A request that was read, and its body, to be handed to another. */
export type ReadIncoming = { incoming: Incoming; body: string | Uint8Array<ArrayBuffer> }

function malformed(detail: string, cause?: unknown): GatewayError {
  return new GatewayError('form_malformed', detail, { cause })
}

/** A form. Read by the platform's own parser, and written anew by it: one that two parsers read differently never goes on. */
export async function parseForm(bytes: Uint8Array<ArrayBuffer>, { headers }: Request): Promise<FormData> {
  const type = headers.get('content-type') ?? ''
  if (!/^multipart\/form-data/i.test(type)) throw malformed('The body must be multipart/form-data.')
  try {
    return await new Response(bytes, { headers: { 'content-type': type } }).formData()
  } catch (cause) {
    throw malformed('The body is no valid multipart/form-data.', cause)
  }
}

async function fileNamed(form: FormData, name: string | undefined): Promise<Uint8Array | undefined> {
  const found = filesOf(form).find(file => file.name === name)
  return found && new Uint8Array(await found.file.arrayBuffer())
}

async function readForm(request: Request, { wire, path }: WireAt, maxBytes: number): Promise<ReadIncoming> {
  const body = await readBytes(request, maxBytes)
  const form = await parseForm(body, request)
  const file = await fileNamed(form, wire.form?.reads)
  return { incoming: { raw: textsOf(form), bytes: body.byteLength, path, form, file }, body }
}

async function readJson(request: Request, { path }: WireAt, maxBytes: number): Promise<ReadIncoming> {
  const { text, bytes } = await readBody(request, maxBytes)
  return { incoming: { raw: parseBody(text), bytes, path }, body: text }
}

/** The most bytes that a request may have on a wire. */
export function maxBytesOf({ form }: Wire, { maxBodyBytes, maxFormBytes }: GatewaySettings): number {
  return form ? maxFormBytes : maxBodyBytes
}

/** Reads a request as its wire has it, JSON or a form, and no further than its size may be. */
export function readIncoming(request: Request, at: WireAt, settings: GatewaySettings): Promise<ReadIncoming> {
  const maxBytes = maxBytesOf(at.wire, settings)
  return at.wire.form ? readForm(request, at, maxBytes) : readJson(request, at, maxBytes)
}
