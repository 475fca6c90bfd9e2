import { aiAnthropic, aiCompatible, aiOpenai } from './ai-sdk.ts'
import { anthropic } from './anthropic.ts'
import type { ClientKind } from './client.ts'
import { googleGenai } from './google-genai.ts'
import { langchain } from './langchain.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

/** Every client of the matrix, by the name of its package. */
export const CLIENTS: Record<string, ClientKind> = {
  'openai (chat)': openaiChat,
  'openai (responses)': openaiResponses,
  '@anthropic-ai/sdk': anthropic,
  '@google/genai': googleGenai,
  '@ai-sdk/openai': aiOpenai,
  '@ai-sdk/anthropic': aiAnthropic,
  '@ai-sdk/openai-compatible': aiCompatible,
  '@langchain/openai': langchain,
}
