import { Fallbacks, ReliabilityHeaders } from '../../contracts/reliability.ts'
import { DEFAULT_RELIABILITY, type KeySnapshot, type Reliability } from '../../core/snapshot.ts'
import { GatewayError } from '../../errors/gateway-error.ts'

/** What a single request wants otherwise than its key has it. */
export type Wish = Partial<Reliability>

const NAMES = Object.keys(ReliabilityHeaders.shape)

function given(headers: Headers): [name: string, value: string][] {
  return NAMES.flatMap(name => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as [string, string]]
  })
}

/** The wish that a request's headers say. Throws `header_invalid`. */
export function wishOf(headers: Headers): Wish {
  const told = given(headers)
  if (told.length === 0) return {}
  const read = ReliabilityHeaders.safeParse(Object.fromEntries(told))
  if (!read.success) {
    const [issue] = read.error.issues
    const param = String(issue?.path[0])
    throw new GatewayError('header_invalid', `${param}: ${issue?.message}.`, { param })
  }
  const said = read.data
  return {
    ...(said['x-weir-max-retries'] !== undefined && { maxRetries: said['x-weir-max-retries'] }),
    ...(said['x-weir-timeout-ms'] !== undefined && { deadlineMs: said['x-weir-timeout-ms'] }),
    ...(said['x-weir-first-token-ms'] !== undefined && { firstTokenMs: said['x-weir-first-token-ms'] }),
    ...(said['x-weir-answer-ms'] !== undefined && { answerMs: said['x-weir-answer-ms'] }),
    ...(said['x-weir-hedge-after-ms'] !== undefined && { hedgeAfterMs: said['x-weir-hedge-after-ms'] }),
    ...(said['x-weir-balance'] !== undefined && { balance: said['x-weir-balance'] }),
    ...(said['x-weir-fallbacks'] !== undefined && { fallbacks: said['x-weir-fallbacks'] }),
  }
}

/**
 * The wish with the `fallbacks` of a body, as Bifrost's clients send them, which no vendor knows: they are taken out. What is in
 * the headers holds.
 */
export function wishWith(wish: Wish, raw: Record<string, unknown>): Wish {
  if (raw.fallbacks === undefined) return wish
  const read = Fallbacks.nullable().safeParse(raw.fallbacks)
  if (!read.success)
    throw new GatewayError('request_invalid', `fallbacks ${read.error.issues[0]?.message}.`, { param: 'fallbacks' })
  delete raw.fallbacks
  return { ...(read.data && { fallbacks: read.data }), ...wish }
}

/** How a request is served: by its own wish, else as its key has it. */
export function reliabilityOf(snapshot: KeySnapshot, wish: Wish): Reliability {
  return { ...DEFAULT_RELIABILITY, ...snapshot.reliability, ...wish }
}
