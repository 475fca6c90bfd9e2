import { z } from 'zod'

/** The body of a rotation of several virtual keys (governance contract 1.10). */
export const RotateKeysInput = z.object({ ids: z.array(z.string()).nullish() })
