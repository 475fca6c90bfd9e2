import type { Dialect } from '../port.ts'
import type { OutputCapField } from './output-cap.ts'
import { prepareChat } from './prepare-chat.ts'
import { readOpenaiUsage } from './read-usage.ts'
import { openaiStreamReader } from './stream-reader.ts'

/** OpenAI's chat completions wire, for every vendor that speaks it. Source: OpenAI API reference, Chat Completions. */
export function openaiDialect({ outputCapField }: { outputCapField: OutputCapField }): Dialect {
  return {
    prepare: (chat, set) => prepareChat(chat, { ...set, outputCapField }),
    readUsage: readOpenaiUsage,
    streamReader: openaiStreamReader,
  }
}
