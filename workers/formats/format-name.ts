/** The wires of conversations: each can be translated into each. The last two only vendors speak. */
export const CHAT_FORMATS = [
  'openai-chat',
  'openai-completions',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'cohere-chat',
] as const

/** The wires of everything else, in the shapes of OpenAI's clients. A vendor that speaks otherwise is asked in its own words. */
export const MEDIA_FORMATS = [
  'openai-embeddings',
  'openai-images',
  'openai-image-edits',
  'openai-image-variations',
  'openai-speech',
  'openai-transcriptions',
  'openai-translations',
  'openai-moderations',
  'rerank',
  // Files and batches: an account that is managed, not asked.
  'openai-files',
] as const

/** The wires that clients and vendors speak. */
export type FormatName = (typeof CHAT_FORMATS)[number] | (typeof MEDIA_FORMATS)[number]

/** Whether a wire is one of conversations. */
export function isChatFormat(format: FormatName): boolean {
  return CHAT_FORMATS.some(chat => chat === format)
}
