import { z } from 'zod'

const text = z.string().nullish()
const names = z.array(z.string()).nullish()

// Bifrost answers `{value, env_var, from_env}` and takes it back; `env_var` with or without its prefix.
const SecretObject = z
  .object({ value: text, env_var: text, from_env: z.boolean().nullish() })
  .transform(({ value, env_var }) => (env_var ? `env.${env_var.replace(/^env\./, '')}` : value))

/** A secret as a client gives it: itself, or `env.NAME` for a variable of the deployment. */
export const SecretInput = z.union([z.string(), SecretObject]).nullish()

const AzureInput = z.object({
  endpoint: SecretInput,
  api_version: SecretInput,
  deployments: z.record(z.string(), z.string()).nullish(),
})
const VertexInput = z.object({ project_id: SecretInput, region: SecretInput, auth_credentials: SecretInput })
const BedrockInput = z.object({
  access_key: SecretInput,
  secret_key: SecretInput,
  session_token: SecretInput,
  region: SecretInput,
})

/** A key of a provider as a client gives it, in Bifrost's words. `null` is absent. */
export const ProviderKeyInput = z.object({
  name: text,
  value: SecretInput,
  weight: z.number().nullish(),
  models: names,
  blacklisted_models: names,
  enabled: z.boolean().nullish(),
  azure_key_config: AzureInput.nullish(),
  vertex_key_config: VertexInput.nullish(),
  bedrock_key_config: BedrockInput.nullish(),
})
export type ProviderKeyInput = z.infer<typeof ProviderKeyInput>

const MAX_SECONDS = 3600
/** 0 is the default again. */
const seconds = z.int().min(0).max(MAX_SECONDS).nullish()

/** The body of a create or an update of a provider. `null` is absent, and the empty text clears. */
export const ProviderInput = z.object({
  provider: text,
  name: text,
  vendor: text,
  custom_provider_config: z.object({ base_provider_type: text }).nullish(),
  network_config: z
    .object({ base_url: text, default_request_timeout_in_seconds: seconds, stream_idle_timeout_in_seconds: seconds })
    .nullish(),
  region: text,
  residency: text,
  keys: z.array(ProviderKeyInput).nullish(),
})
export type ProviderInput = z.infer<typeof ProviderInput>

/** The body of a rotation. */
export const RotateInput = z.object({ value: SecretInput })
export type RotateInput = z.infer<typeof RotateInput>
