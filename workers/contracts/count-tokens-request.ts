import { z } from 'zod'

/** What we read of a request to count tokens. All else passes through untouched. */
export const CountTokensRequest = z.looseObject({ model: z.string().min(1).max(256) })
