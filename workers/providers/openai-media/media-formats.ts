import type { MEDIA_FORMATS } from '../../formats/format-name.ts'
import type { HttpFormat } from '../http/http-format.ts'
import type { Dialect } from '../port.ts'
import { plainDialect } from './plain-dialect.ts'
import { readImagesUsage, readInputUsage, readRerankUsage, readSpeechUsage, readTranscriptUsage } from './read-usage.ts'

/** A wire on which all vendors are asked alike. */
type MediaHttpFormat = HttpFormat & { dialect(): Dialect }

type MediaFormat = (typeof MEDIA_FORMATS)[number]

const proof = (secret: string) => ({ authorization: `Bearer ${secret}` })

const images = () => plainDialect({ readUsage: readImagesUsage })
const transcripts = () => plainDialect({ readUsage: readTranscriptUsage })

/** Models that speak without saying what it costs: they are billed by characters, and refuse events. */
const SILENT_SPEECH = /^tts-1/

// Only events tell the tokens of speech, so that they are asked for also where the client wants plain sound.
function asEvents(_: Record<string, unknown>, model: string): Record<string, unknown> {
  return SILENT_SPEECH.test(model.toLowerCase()) ? {} : { stream_format: 'sse' }
}

/** How OpenAI, and those who speak as it does, are asked for what is no conversation. */
export const OPENAI_MEDIA: Record<MediaFormat, MediaHttpFormat> = {
  'openai-embeddings': {
    dialect: () => plainDialect({ readUsage: readInputUsage }),
    path: () => '/embeddings',
    proof,
  },
  'openai-images': { dialect: images, path: () => '/images/generations', proof },
  'openai-image-edits': { dialect: images, path: () => '/images/edits', proof },
  'openai-image-variations': { dialect: images, path: () => '/images/variations', proof },
  'openai-speech': {
    dialect: () => plainDialect({ readUsage: readSpeechUsage, add: asEvents }),
    path: () => '/audio/speech',
    proof,
    accept: '*/*',
  },
  'openai-transcriptions': { dialect: transcripts, path: () => '/audio/transcriptions', proof, accept: '*/*' },
  'openai-translations': { dialect: transcripts, path: () => '/audio/translations', proof, accept: '*/*' },
  'openai-moderations': {
    dialect: () => plainDialect({ readUsage: readInputUsage }),
    path: () => '/moderations',
    proof,
  },
  'openai-files': {
    dialect: () => plainDialect({ readUsage: () => undefined }),
    path: () => '/files',
    proof,
    isManaged: true,
  },
  rerank: { dialect: () => plainDialect({ readUsage: readRerankUsage }), path: () => '/rerank', proof },
}
