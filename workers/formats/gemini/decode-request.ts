import type { ChatAsk } from '../chat.ts'
import type { Json } from '../codec.ts'
import { decodeContents } from './decode-contents.ts'
import { decodeGeneration } from './decode-generation.ts'
import { decodeTools } from './decode-tools.ts'
import { Fields } from './fields.ts'
import { given } from './given.ts'
import { invalid } from './invalid.ts'
import { tierFromGemini } from './service-tier.ts'

const KNOWN = [
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'generationConfig',
  'serviceTier',
  'labels',
]

function modelOf(request: Fields, inPath: string | undefined): string {
  const model = (inPath ?? request.text('model') ?? '').replace(/^models\//, '')
  if (model === '') throw invalid('model', 'is required')
  return model
}

function labelOf([name, value]: [string, unknown]): [string, string] {
  if (typeof value !== 'string') throw invalid(`labels.${name}`, 'must be a string')
  return [name, value]
}

function metadataOf(request: Fields): Record<string, string> | undefined {
  return request.has('labels') ? Object.fromEntries(Object.entries(request.record('labels')).map(labelOf)) : undefined
}

/** A request in nobody's words; model and streaming are in its path. See the README for what is refused. */
export function decodeRequest(body: Json, path: { model?: string; isStream?: boolean } = {}): ChatAsk {
  const request = new Fields(body, '')
  request.refuseOthers(KNOWN)
  const isStream = path.isStream ?? false
  return {
    model: modelOf(request, path.model),
    messages: decodeContents(request),
    ...decodeTools(request),
    ...decodeGeneration(request.child('generationConfig')),
    ...given({ metadata: metadataOf(request), serviceTier: tierFromGemini(request.text('serviceTier')) }),
    isStream,
    // Gemini's streams always end with their usage.
    ...given({ wantsStreamUsage: isStream || undefined }),
  }
}
