import { asRecord } from '../../formats/as-record.ts'

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

// A text, or parts of which those with a text count: `text` on all wires, also where its type is `input_text`.
function textIn(content: unknown): string {
  if (typeof content === 'string') return content
  const texts = listOf(content).map(part => (typeof part === 'string' ? part : asRecord(part).text))
  return texts.filter(text => typeof text === 'string').join('\n')
}

function lastOfUser(messages: unknown): string {
  const users = listOf(messages)
    .map(asRecord)
    .filter(({ role }) => role === undefined || role === 'user')
  // What a tool answered is a message of the user's on some wires, and has no text of his.
  const texts = users.map(({ content, parts }) => textIn(content ?? parts))
  return texts.findLast(text => text.trim() !== '') ?? ''
}

/** What the user said last in a conversation, on whatever wire; empty where there is no text of his. */
export function userText(raw: Record<string, unknown>): string {
  const { messages, input, contents, prompt } = raw
  if (messages !== undefined || contents !== undefined) return lastOfUser(messages ?? contents)
  if (typeof input === 'string' || typeof prompt === 'string') return textIn(input ?? prompt)
  return input === undefined ? textIn(prompt) : lastOfUser(input)
}
