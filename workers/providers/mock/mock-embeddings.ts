import { z } from 'zod'
import { embeddingsAnswer, embeddingTexts } from '../embedding-texts.ts'
import { errorAnswer } from './error-answer.ts'
import { countTokens } from './tokens.ts'

const DEFAULT_DIMENSIONS = 8
const MAX_DIMENSIONS = 4096

const Asked = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string())]),
  dimensions: z.int().min(1).max(MAX_DIMENSIONS).nullish(),
})

/** FNV-1a, so that a text has the same vector every time and another has another. Source: RFC 9923. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return value
}

function vectorOf(text: string, dimensions: number): number[] {
  const raw = Array.from({ length: dimensions }, (_, index) => hash(`${index} ${text}`) / 2 ** 31 - 1)
  const length = Math.hypot(...raw) || 1
  return raw.map(value => value / length)
}

function read(body: string): z.infer<typeof Asked> | undefined {
  try {
    return Asked.parse(JSON.parse(body))
  } catch {
    return undefined
  }
}

/** The mock's answer to a request for embeddings: unit vectors that depend on nothing but the text. */
export function mockEmbeddings(body: string): Response {
  const asked = read(body)
  if (!asked) return errorAnswer(400, 'The mock embeds texts.')
  if (asked.model !== 'embed') return errorAnswer(404, `The model '${asked.model}' does not exist.`)
  const texts = embeddingTexts(asked) ?? []
  const vectors = texts.map(text => vectorOf(text, asked.dimensions ?? DEFAULT_DIMENSIONS))
  const inputTokens = texts.reduce((total, text) => total + countTokens(text), 0)
  return Response.json(embeddingsAnswer({ vectors, model: asked.model, inputTokens }, asked))
}
