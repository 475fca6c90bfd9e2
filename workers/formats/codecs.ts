import { GatewayError } from '../errors/gateway-error.ts'
import { anthropicMessagesCodec } from './anthropic-messages/anthropic-messages-codec.ts'
import { bedrockConverseCodec } from './bedrock-converse/bedrock-converse-codec.ts'
import type { Codec } from './codec.ts'
import { cohereChatCodec } from './cohere-chat/cohere-chat-codec.ts'
import type { FormatName } from './format-name.ts'
import { geminiCodec } from './gemini/gemini-codec.ts'
import { openaiChatCodec } from './openai-chat/openai-chat-codec.ts'
import { openaiCompletionsCodec } from './openai-completions/openai-completions-codec.ts'
import { openaiResponsesCodec } from './openai-responses/openai-responses-codec.ts'

const CODECS: Partial<Record<FormatName, Codec>> = {
  'openai-chat': openaiChatCodec,
  'openai-completions': openaiCompletionsCodec,
  'openai-responses': openaiResponsesCodec,
  'anthropic-messages': anthropicMessagesCodec,
  gemini: geminiCodec,
  'bedrock-converse': bedrockConverseCodec,
  'cohere-chat': cohereChatCodec,
}

/** The codec of a format. */
export function codecOf(format: FormatName): Codec {
  const codec = CODECS[format]
  if (codec) return codec
  throw new GatewayError('internal', `There is no codec for ${format}.`)
}
