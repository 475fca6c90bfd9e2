import { z } from 'zod'

const names = z.array(z.string())
const time = z.iso.datetime()
const seconds = z.number().min(1).optional()

const SecretShape = z
  .object({ value: z.string(), env_var: z.string(), from_env: z.boolean() })
  .meta({ description: 'Masked, or the name of the variable that it is in.' })

const AzureShape = z.object({
  ...{ endpoint: SecretShape, api_version: SecretShape },
  deployments: z.record(z.string(), z.string()),
})
const VertexShape = z.object({ project_id: SecretShape, region: SecretShape, auth_credentials: SecretShape })
const BedrockShape = z.object({ access_key: SecretShape, secret_key: SecretShape, region: SecretShape })

/** A key of a provider as Bifrost shows it, its secret masked. */
export const ProviderKeyShape = z.object({
  ...{ id: z.uuid(), key_id: z.uuid(), name: z.string(), provider: z.string(), value: SecretShape },
  ...{ models: names, blacklisted_models: names },
  weight: z.number().min(0),
  enabled: z.boolean(),
  azure_key_config: AzureShape.optional(),
  vertex_key_config: VertexShape.optional(),
  bedrock_key_config: BedrockShape.optional(),
  ...{ created_at: time, updated_at: time, rotated_at: time.nullable() },
})

/** A provider as Bifrost shows it: the tenant's own, or of the deployment's its name alone. */
export const AccountShape = z.object({
  ...{ name: z.string(), vendor: z.string(), is_shared: z.boolean() },
  network_config: z.object({
    base_url: z.string().optional(),
    ...{ default_request_timeout_in_seconds: seconds, stream_idle_timeout_in_seconds: seconds },
  }),
  ...{ region: z.string().nullish(), residency: z.string().nullish() },
  keys: z.array(ProviderKeyShape),
  version: z.int().min(1).optional(),
  ...{ created_at: time.optional(), updated_at: time.optional() },
})
