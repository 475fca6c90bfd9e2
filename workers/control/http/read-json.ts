import type { z } from 'zod'
import { readBody } from '../../contracts/read-body.ts'
import { GatewayError } from '../../errors/gateway-error.ts'

/** Deep enough for every body we know; what is nested deeper is left as it came. */
const MAX_DEPTH = 8

// As in Go's decoder, which the clients of this API were written against, the case of a field's name does not matter.
function lowerNames(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map(item => lowerNames(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.toLowerCase(), lowerNames(item, depth + 1)]),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Without a cause, which would be logged: a parser's error quotes the body, and there are secrets in bodies.
    throw new GatewayError('json_malformed', 'Invalid JSON')
  }
}

/**
 * Which body is expected, how long it may be in bytes, and what to say of one with other types or fields than these. `isExact`:
 * the case of a field's name matters, as where names are data, or have capital letters.
 */
export type BodySpec<T> = {
  schema: z.ZodType<T>
  maxBytes: number
  explain(error: z.ZodError): string
  isExact?: true
}

/** A request's JSON body by its schema. Throws `body_too_large`, `body_not_utf8`, `json_malformed` or `request_invalid`. */
export async function readJson<T>(request: Request, spec: BodySpec<T>): Promise<T> {
  const { text } = await readBody(request, spec.maxBytes)
  const body = parseJson(text)
  const parsed = spec.schema.safeParse(spec.isExact ? body : lowerNames(body))
  if (parsed.success) return parsed.data
  throw new GatewayError('request_invalid', spec.explain(parsed.error), { cause: parsed.error })
}
