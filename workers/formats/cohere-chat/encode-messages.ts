import type { ChatAsk, Message, Part, Source } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { TOOL_PLAN } from './tool-plan.ts'

type Of<Kind extends Part['kind']> = Extract<Part, { kind: Kind }>

function isOf<Kind extends Part['kind']>(kind: Kind): (part: Part) => part is Of<Kind> {
  return (part): part is Of<Kind> => part.kind === kind
}

function imageUrl(source: Source, param: string): string {
  if (source.kind === 'url') return source.url
  if (source.kind === 'data') return `data:${source.mediaType};base64,${source.base64}`
  throw untranslatable(param, 'Cohere keeps no files')
}

/** A part of a system's or user's message, or of a tool's result (`hasImages`: whether pictures may be there). */
function contentBlock(part: Part, { param, hasImages }: { param: string; hasImages: boolean }): Json {
  if (part.kind === 'text') return { type: 'text', text: part.text }
  if (part.kind !== 'image' || !hasImages) throw untranslatable(param, `Cohere takes no ${part.kind} here`)
  return { type: 'image_url', image_url: { url: imageUrl(part.source, param), detail: part.detail } }
}

function toolMessage(part: Of<'tool_result'>, param: string): Json {
  const content = part.content.map(inner => contentBlock(inner, { param, hasImages: false }))
  return { role: 'tool', tool_call_id: part.callId, content: content.length > 0 ? content : '' }
}

/** One message for each tool's result, and one for what stands between them. */
function userMessages({ role, parts }: Message, at: number): Json[] {
  const messages: Json[] = []
  let between: Json[] = []
  for (const [index, part] of parts.entries()) {
    const param = `messages.${at}.content.${index}`
    if (part.kind === 'tool_result') {
      messages.push(toolMessage(part, param))
      between = []
      continue
    }
    if (between.length === 0) messages.push({ role, content: between })
    between.push(contentBlock(part, { param, hasImages: role === 'user' }))
  }
  return messages
}

function spokenBlock(part: Part, param: string): Json[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return [{ type: 'text', text: part.text }]
    case 'reasoning':
      // Thoughts without text are another vendor's, hidden from us.
      return part.id === TOOL_PLAN || part.text === '' ? [] : [{ type: 'thinking', thinking: part.text }]
    case 'tool_call':
      return []
    default:
      throw untranslatable(param, `Cohere's assistant says no ${part.kind}`)
  }
}

function toolCall({ id, name, arguments: args }: Of<'tool_call'>): Json {
  return { id, type: 'function', function: { name, arguments: args.trim() === '' ? '{}' : args } }
}

function assistantMessage({ role, parts }: Message, at: number): Json {
  const content = parts.flatMap((part, index) => spokenBlock(part, `messages.${at}.content.${index}`))
  const calls = parts.filter(isOf('tool_call')).map(toolCall)
  const plans = parts.filter(isOf('reasoning')).filter(({ id }) => id === TOOL_PLAN)
  return {
    role,
    content: content.length > 0 || calls.length === 0 ? content : undefined,
    tool_plan: plans.length > 0 ? plans.map(({ text }) => text).join('') : undefined,
    tool_calls: calls.length > 0 ? calls : undefined,
  }
}

/** The messages, in order; a tool's results are messages of their own. Throws `untranslatable`. */
export function encodeMessages({ messages }: ChatAsk): Json[] {
  return messages.flatMap((message, at) => {
    if (message.name !== undefined) throw untranslatable(`messages.${at}.name`, 'Cohere has no names of participants')
    return message.role === 'assistant' ? [assistantMessage(message, at)] : userMessages(message, at)
  })
}
