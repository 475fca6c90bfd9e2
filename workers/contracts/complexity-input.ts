import { z } from 'zod'

const boundary = z.number().nullish()
const words = z.array(z.string()).nullish()

/**
 * The body of `PUT .../complexity-analyzer-config` (governance contract 1.10). `null` is absent; what is absent stays. What would
 * tell tiers in another way than by keywords is named here, to be refused.
 */
export const ComplexityInput = z.object({
  tier_boundaries: z
    .object({ simple_medium: boundary, medium_complex: boundary, complex_reasoning: boundary })
    .nullish(),
  keywords: z
    .object({
      ...{ simple_keywords: words, code_keywords: words, technical_keywords: words, reasoning_keywords: words },
      ...{ medium_keywords: words, complex_keywords: words },
    })
    .nullish(),
  ...{ semantic: z.unknown().optional(), llm: z.unknown().optional() },
})
export type ComplexityInput = z.infer<typeof ComplexityInput>
