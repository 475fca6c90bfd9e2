import { z } from 'zod'
import { SecretInput } from './provider-input.ts'

const text = z.string().nullish()
const names = z.array(z.string()).nullish()
const flag = z.boolean().nullish()

/**
 * The body of a create or an update of an MCP server (Bifrost's words). `null` is absent. Unknown fields pass; what would promise
 * something that Weir does not do is named here, to be refused.
 */
export const McpClientInput = z.object({
  ...{ name: text, connection_type: text, connection_string: text, auth_type: text },
  headers: z.record(z.string(), SecretInput).nullish(),
  tools_to_execute: names,
  tool_execution_timeout: z.int().nullish(),
  ...{ allow_on_all_virtual_keys: flag, disabled: flag, is_active: flag },
  ...{ is_code_mode_client: flag, tools_to_auto_execute: names, allowed_extra_headers: names },
  tool_pricing: z.record(z.string(), z.number()).nullish(),
  ...{ stdio_config: z.unknown().optional(), tls_config: z.unknown().optional(), vk_configs: z.unknown().optional() },
})
export type McpClientInput = z.infer<typeof McpClientInput>
