/** What a configuration file can declare, by the names that the audit trail has for it. */
export const CONFIG_KINDS = [
  'tenant',
  'customer',
  'team',
  'provider',
  'provider_key',
  'mcp_client',
  'model_config',
  'limit',
  'virtual_key',
  'pricing_override',
  'routing_rule',
  'webhook',
] as const

/** One of `CONFIG_KINDS`. */
export type ConfigKind = (typeof CONFIG_KINDS)[number]

/** The form of a `config_hash`: a SHA-256 in hexadecimal digits. */
export const CONFIG_HASH = /^[0-9a-f]{64}$/

/** Whether a word of the audit trail is a kind of what a file can declare. */
export function isConfigKind(word: string): word is ConfigKind {
  return CONFIG_KINDS.some(kind => kind === word)
}
