import { z } from 'zod'

const args = z.string({ error: 'must be the JSON of an object, as text' }).default('{}')

/** A call of a tool as a chat's answer has it. */
export const ChatToolCall = z.looseObject({
  id: z.string().max(256).default(''),
  type: z.literal('function', { error: 'must be function' }).default('function'),
  function: z.looseObject({ name: z.string().min(1).max(256), arguments: args }),
})

/** The same as a response has it. */
export const ResponsesToolCall = z.looseObject({
  call_id: z.string().max(256).default(''),
  name: z.string().min(1).max(256),
  arguments: args,
})
