import { z } from 'zod'
import { Nano, SumShape } from '../analytics/costs-shape.ts'
import { UsageFilterQuery } from '../analytics/read-usage-filter.ts'
import { PeriodQuery, PeriodShape } from '../analytics/usage-shape.ts'
import { successOf } from '../http/success-body.ts'

const count = z.int().min(0)
const share = { ...SumShape.shape, percentage: z.number() }

/** The query of routes that sum a period: the last 30 days unless said. */
export const CostPeriodQuery = z.object({ ...PeriodQuery.shape, ...UsageFilterQuery.shape })

/** The query of `GET /v1/cost/by-tag`. */
export const ByTagQuery = z.object({
  ...PeriodQuery.shape,
  tag: z.string().optional().meta({
    description:
      '`team` and `feature` are those of the request; any other is a tag, such as application. team unless said.',
  }),
})

const Totals = z.object({
  ...{ total_cost_usd: z.number(), total_cost_nano: Nano, total_requests: count, total_tokens: count },
})

/** What was spent in a period, and in that before it. An agent's workload is what was asked for by its name. */
export const CostSummaryShape = successOf(
  z.object({
    period: PeriodShape,
    ...Totals.shape,
    average_daily_cost_usd: z.number(),
    by_category: z.object({ managed_inference: z.object(share), agent_workloads: z.object(share) }),
    previous_period: z.object({ ...PeriodShape.shape, ...Totals.shape }),
    change_percentage: z.number().nullable(),
  }),
)

/** Costs by source. */
export const BySourceShape = successOf(
  z.array(z.object({ source: z.string(), providers: z.array(z.string()), ...share })),
)

/** Costs by the values of a tag; `null`: events without it. */
export const ByTagShape = successOf(z.array(z.object({ tag: z.string(), value: z.string().nullable(), ...share })))

const time = z.iso.datetime()

/** A budget: whose it is and whom that belongs to, how it stands, and where it ends at the rate at which it was spent until now. */
export const BudgetsShape = z.object({
  ...successOf(
    z.array(
      z.object({
        id: z.uuid(),
        ...{ scope: z.string(), level: z.string(), name: z.string().nullable() },
        ...{ parent: z.string().nullable(), ancestors: z.array(z.string()) },
        ...{ amount_usd: z.number(), spent_usd: z.number(), remaining_usd: z.number() },
        ...{ used_percentage: z.number(), elapsed_percentage: z.number() },
        ...{ duration: z.string(), window: z.object({ starts_at: time, resets_at: time }) },
        ...{ burn_rate_usd_per_day: z.number(), projected_usd: z.number(), exhausted_at: time.nullable() },
        status: z.enum(['on_track', 'at_risk', 'exceeded']),
        on_exceed: z.enum(['refuse', 'warn', 'clamp', 'downgrade']),
      }),
    ),
  ).shape,
  pagination: z.object({ total: count, limit: count, offset: count, has_more: z.boolean() }),
})
