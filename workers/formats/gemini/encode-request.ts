import type { ChatAsk } from '../chat.ts'
import type { Json } from '../codec.ts'
import { encodeContents } from './encode-contents.ts'
import { encodeGeneration } from './encode-generation.ts'
import { encodeTools } from './encode-tools.ts'
import { given } from './given.ts'
import { tierToGemini } from './service-tier.ts'

const LABEL = /^[a-z][a-z0-9_-]{0,62}$/
const LABEL_VALUE = /^[a-z0-9_-]{0,63}$/
const MAX_LABELS = 64

// Labels sort the bill and change no answer; one that Google would refuse is left out.
function labelsOf(metadata: Record<string, string> = {}): Record<string, string> {
  const fit = Object.entries(metadata).filter(([name, value]) => LABEL.test(name) && LABEL_VALUE.test(value))
  return Object.fromEntries(fit.slice(0, MAX_LABELS))
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length > 0 ? value : undefined
}

/** The body; model and streaming are in the path. Throws `untranslatable` for what Gemini cannot say. */
export function encodeRequest(ask: ChatAsk): Json {
  return {
    ...encodeContents(ask),
    ...encodeTools(ask),
    ...given({
      generationConfig: unlessEmpty(encodeGeneration(ask)),
      labels: unlessEmpty(labelsOf(ask.metadata)),
      serviceTier: tierToGemini(ask.serviceTier),
    }),
  }
}
