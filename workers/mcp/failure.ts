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

/** What was thrown on the way to a server, as an error for its caller. `signal`: that of the time which it had. */
export function failureOf(thrown: unknown, { name, timeoutMs }: PlacedServer, signal: AbortSignal): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const of = `MCP client '${name}'`
  if (signal.aborted) {
    const detail = `${of} did not answer within ${timeoutMs} ms. What it was asked to do it may have done.`
    return new GatewayError('mcp_server_timeout', detail)
  }
  if (thrown instanceof McpFailure) return new GatewayError(thrown.code, `${of}: ${thrown.told}`)
  return new GatewayError('mcp_server_unreachable', `${of} could not be reached.`, { cause: thrown })
}
