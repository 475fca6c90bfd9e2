import { renderOpenAI } from '../../errors/render.ts'
import { renderAnthropic } from '../../errors/render-anthropic.ts'
import { renderGemini } from '../../errors/render-gemini.ts'
import { anthropicModel, anthropicModels } from './anthropic-models.ts'
import { geminiModel, geminiModels } from './gemini-models.ts'
import { openaiModel, openaiModels } from './openai-models.ts'
import type { UsableModel } from './usable-models.ts'

/** How clients of one wire are told of models: one of them, all or a page of them, and what went wrong. */
export type ModelShape = {
  one(model: UsableModel): object
  /** Throws `request_invalid` for a query that names no page. */
  many(models: UsableModel[], query: URLSearchParams): object
  renderError: typeof renderOpenAI
}

const OPENAI: ModelShape = { one: openaiModel, many: openaiModels, renderError: renderOpenAI }
const ANTHROPIC: ModelShape = { one: anthropicModel, many: anthropicModels, renderError: renderAnthropic }
const GEMINI: ModelShape = { one: geminiModel, many: geminiModels, renderError: renderGemini }

/** The shape that a request wants: Gemini has an address of its own, Anthropic's clients name the version of their wire. */
export function modelShapeOf({ url, headers }: Request): ModelShape {
  if (new URL(url).pathname.startsWith('/v1beta/')) return GEMINI
  return headers.has('anthropic-version') ? ANTHROPIC : OPENAI
}
