import type { ErrorCode } from '../errors/catalogue.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { PlacedServer } from './world.ts'

/** How much of what a server says of its own failure is told. */
const MAX_TOLD = 500

/** Why a server could not be used; `told` is for the caller. */
export class McpFailure extends Error {
  readonly code: ErrorCode
  readonly told: string

  constructor(code: ErrorCode, told: string) {
    super(told)
    this.code = code
    this.told = told
  }
}

/** What a server answered instead of a result. */
export function serverError(why: string): McpFailure {
  return new McpFailure('mcp_server_error', why.slice(0, MAX_TOLD))
}

/** How far a conversation had come. `signal`: that of the time which it had. `isAsked`: what it is for was said to the server. */
export type Progress = { signal: AbortSignal; isAsked: boolean }

/** What was thrown on the way to a server, as an error for its caller: to be repeated only where nothing can have been done. */
export function failureOf(thrown: unknown, { name, timeoutMs }: PlacedServer, progress: Progress): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const { signal, isAsked } = progress
  const of = `MCP client '${name}'`
  const done = isAsked ? ' What it was asked to do it may have done.' : ''
  if (signal.aborted) {
    return new GatewayError('mcp_server_timeout', `${of} did not answer within ${timeoutMs} ms.${done}`)
  }
  if (thrown instanceof McpFailure) return new GatewayError(thrown.code, `${of}: ${thrown.told}`)
  const detail = `${of} ${isAsked ? 'broke off.' : 'could not be reached.'}${done}`
  return new GatewayError('mcp_server_unreachable', detail, { cause: thrown, retry: !isAsked })
}
