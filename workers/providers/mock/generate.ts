import { asRecord } from '../../formats/as-record.ts'
import { type Choice, callPieces, cutChoice, type Piece, textPieces } from './choice.ts'
import { sampleJson } from './json-schema/sample-json.ts'
import { type MockChat, messageText } from './mock-chat.ts'
import type { MockModel } from './models.ts'

/** The last user message, or the tool's result where that came last. */
function echoed({ messages }: MockChat): string {
  const last = messages.at(-1)
  const source = last?.role === 'tool' ? last : messages.findLast(message => message.role === 'user')
  return source ? messageText(source) : ''
}

function answerText(chat: MockChat): string {
  const format = chat.response_format
  if (format?.type === 'json_object') return JSON.stringify({ echo: echoed(chat) })
  if (format?.type === 'json_schema') return JSON.stringify(sampleJson(format.json_schema?.schema ?? {}))
  return echoed(chat)
}

function toolCalls(chat: MockChat): Piece[] {
  const tools = chat.tools ?? []
  const called = chat.parallel_tool_calls === false ? tools.slice(0, 1) : tools
  return called.flatMap(({ function: { name, parameters } }, index) =>
    callPieces(name, index, JSON.stringify(asRecord(sampleJson(parameters ?? {})))),
  )
}

function fullChoice(model: MockModel, chat: MockChat): Choice {
  const mayCall = model.callsTools && chat.messages.at(-1)?.role !== 'tool'
  const calls = mayCall ? toolCalls(chat) : []
  const { reasoningTokens } = model
  if (calls.length > 0) return { pieces: calls, reasoningTokens, finish: 'tool_calls' }
  return { pieces: textPieces(answerText(chat)), reasoningTokens, finish: 'stop' }
}

/** What a mock model answers, within the caller's cap. The same chat is always answered the same. */
export function generate(model: MockModel, chat: MockChat): Choice {
  const maxTokens = chat.max_completion_tokens ?? chat.max_tokens ?? Infinity
  return cutChoice(fullChoice(model, chat), maxTokens)
}
