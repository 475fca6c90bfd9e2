import { z } from 'zod'
import { RULE_SCOPES } from '../../core/rules/routing-rule.ts'
import { TimesShape } from '../governance/limits-shape.ts'

const text = z.string().optional()

const TargetShape = z.object({ provider: text, model: text, key_id: text, weight: z.number().min(0) })

/** A routing rule as Bifrost shows it. */
export const RuleShape = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  cel_expression: z.string(),
  targets: z.array(TargetShape),
  fallbacks: z.array(z.string()).optional(),
  query: z.record(z.string(), z.unknown()).optional(),
  scope: z.enum(RULE_SCOPES),
  scope_id: z.string().nullable(),
  chain_rule: z.boolean(),
  priority: z.int(),
  ...TimesShape.shape,
})

const count = z.int().min(0)

/** A rule by itself: also for how many attempts of the last seven days it could not be evaluated, in each hour in which that was so. */
export const RuleDetailShape = z.object({
  ...RuleShape.shape,
  skipped: z.object({ attempts: count, hours: z.array(z.object({ hour: z.iso.datetime(), attempts: count })) }),
})

/** The query of `GET /api/governance/routing-rules`. Beyond 100 rows, `limit` is 100. */
export const RulesQuery = z.object({
  ...{ limit: z.int().min(0).optional(), offset: z.int().min(0).optional() },
  search: text.meta({ description: 'A part of the name or of the expression.' }),
  scope: text.meta({ description: 'Only the enabled rules of this scope.' }),
  scope_id: text,
})
