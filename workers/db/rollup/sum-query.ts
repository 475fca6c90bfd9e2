import type { TenantId } from '../../core/access/tenant-id.ts'
import type { Interval } from '../../core/window/window.ts'
import type { EventDimension } from './dimensions.ts'
import type { MoneySum, SumName } from './sums.ts'
import type { UsageGroup } from './usage-group.ts'

/** Names that events must have, each exactly. */
export type UsageFilter = { [Name in EventDimension]?: string | undefined }

/** Which of the groups, in which order. `by` `null` is their own order: time, then names. */
export type GroupPage = { by: SumName | null; isDescending: boolean; limit: number; offset: number }

/**
 * Which of a tenant's events to sum: calls begun in the range, with all of these names and all of these tags. An empty tag or name counts
 * as none. `sums`: what to sum. `isNamed`: only groups that have a name in each column. `page`: only these of the groups.
 */
export type SumQuery<S extends SumName = SumName> = {
  tenantId: TenantId
  range: Interval
  groupBy: UsageGroup[]
  sums: readonly S[]
  filter?: UsageFilter
  tags?: Record<string, string>
  isNamed?: boolean
  page?: GroupPage
}

/** The values of a group's columns: UTC epoch milliseconds, a name, or `null` where events have none. */
export type GroupValues = Record<string, string | number | null>

type SumOf<S extends SumName> = S extends MoneySum ? bigint : S extends 'first_ms' | 'last_ms' ? number | null : number

/** Sums of one group. Money is exact however much; `first_ms` and `last_ms` are `null` of events without a tag that is grouped by. */
export type UsageSum<S extends SumName = SumName> = { group: GroupValues } & { [Name in S]: SumOf<Name> }
