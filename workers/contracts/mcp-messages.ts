import { z } from 'zod'

/** What a JSON-RPC message has that may be an answer of an MCP server. Source: MCP 2025-06-18, base protocol. */
export const RpcMessage = z.looseObject({
  id: z.union([z.number(), z.string()]).nullish(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.number(), message: z.string() }).nullish(),
})
export type RpcMessage = z.infer<typeof RpcMessage>

/** The answer to `initialize`. */
export const InitializeResult = z.looseObject({ protocolVersion: z.string() })

/** A page of `tools/list`. */
export const ToolsPage = z.looseObject({
  tools: z.array(
    z.looseObject({
      name: z.string().min(1),
      description: z.string().nullish(),
      inputSchema: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
  nextCursor: z.string().nullish(),
})
export type ToolsPage = z.infer<typeof ToolsPage>

const Block = z.looseObject({ type: z.string() })

/** The answer to `tools/call`. */
export const CallResult = z.looseObject({
  content: z.array(Block).nullish(),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().nullish(),
})
export type CallResult = z.infer<typeof CallResult>
