import type { Dialect } from '../port.ts'
import type { OutputCapField } from './output-cap.ts'
import { prepareChat } from './prepare-chat.ts'
import { readOpenaiUsage } from './read-usage.ts'
import { openaiStreamReader } from './stream-reader.ts'

/** How a vendor's chat differs from OpenAI's own. */
export type ChatWays = { outputCapField?: OutputCapField; usageInStream?: 'asked' | 'always' }

/** OpenAI's chat completions wire, for every vendor that speaks it. Source: OpenAI API reference, Chat Completions. */
export function openaiDialect(ways: ChatWays): Dialect {
  const { outputCapField = 'max_completion_tokens', usageInStream = 'asked' } = ways
  return {
    prepare: (chat, set) => prepareChat(chat, { ...set, outputCapField, usageInStream }),
    readUsage: readOpenaiUsage,
    streamReader: () => openaiStreamReader(),
  }
}
