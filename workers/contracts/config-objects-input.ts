import { z } from 'zod'
import { CONFIG_HASH, CONFIG_KINDS } from '../core/config/config-kind.ts'

const MAX_OBJECTS = 500
const hash = { error: 'must be a SHA-256 in 64 hexadecimal digits, in lower case' }

/** The body of `PUT /v1/config/objects`: objects that a file declares as they are already, or no longer (`null`). */
export const ConfigObjectsInput = z.strictObject({
  objects: z
    .array(
      z.strictObject({
        kind: z.enum(CONFIG_KINDS),
        id: z.string().min(1).max(255),
        config_hash: z.string(hash).regex(CONFIG_HASH, hash).nullable(),
      }),
    )
    .min(1)
    .max(MAX_OBJECTS),
})
export type ConfigObjectsInput = z.infer<typeof ConfigObjectsInput>
