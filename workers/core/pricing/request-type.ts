/** What a request asks for, in the words of the governance contract (1.8). A stream is of the type of its whole answer. */
export const REQUEST_TYPES = [
  'chat_completion',
  'text_completion',
  'responses',
  'embedding',
  'rerank',
  'speech',
  'transcription',
  'image_generation',
  'image_variation',
  'image_edit',
  'video_generation',
  'video_remix',
  'ocr',
] as const

/** One of `REQUEST_TYPES`. */
export type RequestType = (typeof REQUEST_TYPES)[number]
