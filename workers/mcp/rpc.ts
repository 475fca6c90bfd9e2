import { RpcMessage } from '../contracts/mcp-messages.ts'
import { McpFailure, serverError } from './failure.ts'

/** The error of JSON-RPC that says: not these arguments, or no such tool. */
const INVALID_PARAMS = -32_602

/** A request as it is sent; without `id` it is a notification. */
export function rpcBody(message: { id?: number; method: string; params?: Record<string, unknown> }): string {
  return JSON.stringify({ jsonrpc: '2.0', ...message })
}

/** A message of a server's. Throws `McpFailure` for what is none. */
export function parseMessage(text: string): RpcMessage {
  try {
    const read = RpcMessage.safeParse(JSON.parse(text))
    if (read.success) return read.data
  } catch {
    // Said below, without what was sent.
  }
  throw serverError('it answered something that is no JSON-RPC message.')
}

/** Whether a message answers the request of that id, rather than asking or telling something. */
export function isAnswerTo(id: number, message: RpcMessage): boolean {
  return message.id === id && (message.result !== undefined || message.error != null)
}

/** The result in an answer. Throws `McpFailure` for an error. */
export function resultOf({ error, result }: RpcMessage): unknown {
  if (error == null) return result
  if (error.code === INVALID_PARAMS) throw new McpFailure('mcp_call_refused', `it refused the call: ${error.message}`)
  throw serverError(`it answered error ${error.code}: ${error.message}`)
}
