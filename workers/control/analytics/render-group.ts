import { DAY_MS } from '../../db/hours.ts'
import type { GroupValues } from '../../db/rollup/sum-query.ts'
import { TIME_GROUPS, type TimeGroup } from '../../db/rollup/usage-group.ts'

const isoSecond = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')

// ISO 8601: a week is of the year that its Thursday is in, and the first has January 4 in it.
function isoWeek(mondayMs: number): string {
  const thursday = new Date(mondayMs + 3 * DAY_MS)
  const dayOfYear = (thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / DAY_MS
  return `${thursday.getUTCFullYear()}-W${String(Math.floor(dayOfYear / 7) + 1).padStart(2, '0')}`
}

const TIME: Record<TimeGroup, (ms: number) => Record<string, string>> = {
  hour: ms => ({ hour: isoSecond(ms) }),
  day: ms => ({ date: isoSecond(ms).slice(0, 10) }),
  week: ms => ({ week: isoWeek(ms) }),
  month: ms => ({ month: isoSecond(ms).slice(0, 7) }),
}

function renderColumn([name, value]: [string, string | number | null]): Record<string, unknown> {
  const time = TIME_GROUPS.find(one => one === name)
  if (time) return TIME[time](Number(value))
  return name.startsWith('tag:') ? { tags: { [name.slice('tag:'.length)]: value } } : { [name]: value }
}

function join(row: Record<string, unknown>, column: Record<string, unknown>): Record<string, unknown> {
  const tags = { ...(row.tags as object | undefined), ...(column.tags as object | undefined) }
  return { ...row, ...column, ...(Object.keys(tags).length > 0 && { tags }) }
}

/** What a row of sums is of: `date`, `hour`, `week` (`2026-W47`) or `month`, names as events have them, and `tags`. */
export function renderGroup(group: GroupValues): Record<string, unknown> {
  return Object.entries(group).map(renderColumn).reduce(join, {})
}
