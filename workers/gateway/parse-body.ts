import type { z } from 'zod'
import { parseLossless } from '../contracts/lossless-json.ts'
import { GatewayError } from '../errors/gateway-error.ts'

function parseJson(text: string): unknown {
  try {
    return parseLossless(text)
  } catch {
    // Without a cause, which would be logged: a parser's error quotes the body.
    throw new GatewayError('json_malformed', 'The body is not valid JSON. Send one JSON object.')
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The JSON object in a body. Throws `json_malformed` or `request_invalid`. */
export function parseBody(text: string): Record<string, unknown> {
  const raw = parseJson(text)
  if (!isObject(raw)) throw new GatewayError('request_invalid', 'The body must be a JSON object.')
  return raw
}

/** What a schema reads of a request. Throws a `request_invalid` that names the field. */
export function readFields<T extends z.ZodType>(schema: T, raw: Record<string, unknown>): z.infer<T> {
  const result = schema.safeParse(raw)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const param = issue?.path.join('.') ?? ''
  throw new GatewayError('request_invalid', `${param || 'body'}: ${issue?.message ?? 'invalid'}.`, { param })
}
