import { z } from 'zod'

const JsonObject = z.record(z.string(), z.unknown())
const Cap = z.int().min(1).nullish()
const Tool = z.object({ function: z.object({ name: z.string(), parameters: JsonObject.nullish() }) })

const Message = z.object({
  role: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ text: z.string().nullish() }))]).nullish(),
})

/** What the mock reads of a chat request; the rest it ignores, as a lenient vendor would. */
export const MockChat = z.object({
  messages: z.array(Message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_completion_tokens: Cap,
  max_tokens: Cap,
  n: z.int().min(1).max(8).nullish(),
  service_tier: z.string().nullish(),
  tools: z.array(Tool).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .looseObject({ type: z.string(), json_schema: z.object({ schema: JsonObject }).optional() })
    .nullish(),
})
export type MockChat = z.infer<typeof MockChat>

/** The text of one message: its content, or its content's text parts joined. */
export function messageText({ content }: MockChat['messages'][number]): string {
  if (content == null || typeof content === 'string') return content ?? ''
  return content.map(part => part.text ?? '').join('')
}
