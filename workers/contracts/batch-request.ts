import { z } from 'zod'

/** What we read of a request for a batch. */
export const BatchRequest = z.looseObject({
  input_file_id: z.string().min(1).max(4096),
  endpoint: z.enum(['/v1/chat/completions', '/v1/responses', '/v1/completions', '/v1/embeddings', '/v1/moderations']),
  completion_window: z.literal('24h'),
})

/** What we read of a line of its file. */
export const BatchLine = z.looseObject({
  custom_id: z.string(),
  method: z.literal('POST'),
  url: z.string(),
  body: z.looseObject({ model: z.string().min(1).max(256), stream: z.literal(false).nullish() }),
})
