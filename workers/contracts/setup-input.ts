import { z } from 'zod'

/** The body of `POST /v1/setup`. */
export const SetupInput = z.object({ tenant_name: z.string().trim().min(1).max(255) })
export type SetupInput = z.infer<typeof SetupInput>
