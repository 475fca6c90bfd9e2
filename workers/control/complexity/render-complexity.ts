import { z } from 'zod'
import type { ComplexityConfig } from '../../core/rules/complexity.ts'

const score = z.number().min(0).max(1)
const words = z.array(z.string())

/** The configuration as Bifrost shows it. */
export const ComplexityShape = z.object({
  tier_boundaries: z.object({
    ...{ simple_medium: score, medium_complex: score },
    complex_reasoning: score.optional().meta({ description: 'Absent: there are three tiers.' }),
  }),
  keywords: z.object({
    ...{ simple_keywords: words, code_keywords: words, technical_keywords: words, reasoning_keywords: words },
  }),
})

/** Shows it so. */
export function renderComplexity({ boundaries, keywords }: ComplexityConfig): z.input<typeof ComplexityShape> {
  const { simpleMedium, mediumComplex, complexReasoning } = boundaries
  return {
    tier_boundaries: {
      ...{ simple_medium: simpleMedium, medium_complex: mediumComplex },
      ...(complexReasoning != null && { complex_reasoning: complexReasoning }),
    },
    keywords: {
      ...{ simple_keywords: keywords.simple, code_keywords: keywords.code },
      ...{ technical_keywords: keywords.technical, reasoning_keywords: keywords.reasoning },
    },
  }
}
