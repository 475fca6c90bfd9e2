import { type FormatName, isChatFormat } from '../../formats/format-name.ts'

const TYPES: Partial<Record<FormatName, string>> = {
  'openai-completions': 'text_completion',
  'openai-responses': 'responses',
  'openai-embeddings': 'embedding',
  'openai-images': 'image_generation',
  'openai-image-edits': 'image_edit',
  'openai-image-variations': 'image_variation',
  'openai-speech': 'speech',
  'openai-transcriptions': 'transcription',
  'openai-translations': 'translation',
  'openai-moderations': 'moderation',
}

/** What the governance contract calls requests of a wire; streams have no name of their own. */
export function requestTypeOf(format: FormatName): string {
  return TYPES[format] ?? (isChatFormat(format) ? 'chat_completion' : format)
}
