import { z } from 'zod'
import { OwnerInput } from './member-input.ts'

/** The body of `POST /v1/setup`. A deployment whose setup is open can do without an owner. */
export const SetupInput = z.object({ tenant_name: z.string().trim().min(1).max(255), owner: OwnerInput.optional() })
export type SetupInput = z.infer<typeof SetupInput>
