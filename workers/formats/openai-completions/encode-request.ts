import type { ChatAsk, Message } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { encodeSampling, encodeStreaming } from '../openai-chat/encode-request.ts'
import { untranslatable } from '../untranslatable.ts'

/** The prompt that a chat is: the texts of its only message, which is a user's. */
function promptOf(messages: Message[]): string {
  const [message] = messages
  if (message?.role !== 'user' || messages.length > 1)
    throw untranslatable('messages', 'a prompt is one message of a user')
  const texts = message.parts.map(part => {
    if (part.kind === 'text') return part.text
    throw untranslatable('messages[0]', `a prompt has no ${part.kind}`)
  })
  return texts.join('')
}

function refuseUntranslatable({ tools, output, reasoning, serviceTier }: ChatAsk): void {
  const why = 'a text completion has no such field'
  if (tools.length > 0) throw untranslatable('tools', why)
  if (output && output.kind !== 'text') throw untranslatable('response_format', why)
  if (reasoning?.budgetTokens || (reasoning?.effort ?? 'none') !== 'none') throw untranslatable('reasoning_effort', why)
  if (serviceTier !== undefined && !['auto', 'default'].includes(serviceTier)) throw untranslatable('service_tier', why)
}

/** The body of POST /v1/completions. Source: OpenAI API reference, Create completion. */
export function encodeRequest(ask: ChatAsk): Json {
  refuseUntranslatable(ask)
  return given({
    model: ask.model,
    prompt: promptOf(ask.messages),
    ...encodeSampling(ask.sampling),
    max_tokens: ask.maxOutputTokens,
    n: ask.choices > 1 ? ask.choices : undefined,
    logprobs: ask.logprobs?.top,
    user: ask.user,
    ...encodeStreaming(ask),
  })
}

/** Characters of the prompt: where an answer's first token stands. */
export function promptLength({ messages }: ChatAsk): number {
  const texts = messages.flatMap(({ parts }) => parts.flatMap(part => (part.kind === 'text' ? [part.text] : [])))
  return texts.join('').length
}
