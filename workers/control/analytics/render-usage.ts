import type { Interval } from '../../core/window/window.ts'
import type { UsagePage } from './get-usage.ts'
import { renderPeriod } from './read-period.ts'
import { renderGroup } from './render-group.ts'
import { percentageOf, renderCost, usdOf } from './render-money.ts'

const NOTHING = { events: 0, successes: 0, input_tokens: 0, output_tokens: 0, cost_nano: 0n }

type Period = { events: number; tokens: number; successes: number; costNano: bigint; agents: number; users: number }

function periodOf([all, agents, users]: (UsagePage | undefined)[]): Period {
  const { events, successes, input_tokens, output_tokens, cost_nano } = all?.sums[0] ?? NOTHING
  const tokens = input_tokens + output_tokens
  return { events, tokens, successes, costNano: cost_nano, agents: agents?.total ?? 0, users: users?.total ?? 0 }
}

function showPeriod(range: Interval, { events, tokens, successes, costNano, agents, users }: Period) {
  return {
    ...renderPeriod(range),
    ...{ total_events: events, total_tokens: tokens },
    ...{ total_cost_usd: usdOf(costNano), total_cost_nano: String(costNano) },
    ...{ unique_agents: agents, unique_users: users },
    success_rate: events === 0 ? null : percentageOf(successes, events),
  }
}

function changeOf(now: bigint | number, before: bigint | number): number | null {
  return Number(before) === 0 ? null : percentageOf(Number(now) - Number(before), before)
}

function changes(now: Period, before: Period) {
  return {
    events: changeOf(now.events, before.events),
    tokens: changeOf(now.tokens, before.tokens),
    cost: changeOf(now.costNano, before.costNano),
    unique_agents: changeOf(now.agents, before.agents),
    unique_users: changeOf(now.users, before.users),
  }
}

function most(page: UsagePage | undefined, wholeNano: bigint) {
  return (page?.sums ?? []).map(({ group, cost_nano, events, input_tokens, output_tokens }) => ({
    ...renderGroup(group),
    ...renderCost(cost_nano),
    ...{ events, tokens: input_tokens + output_tokens, percentage: percentageOf(cost_nano, wholeNano) },
  }))
}

/** The answers of all questions, in their order, of two periods: the current one and that before it. */
export function renderUsage(answers: UsagePage[], [range, earlier]: [Interval, Interval]) {
  const [all, agents, users, providers, models, allBefore, agentsBefore, usersBefore] = answers
  const current = periodOf([all, agents, users])
  const previous = periodOf([allBefore, agentsBefore, usersBefore])
  return {
    current_period: showPeriod(range, current),
    previous_period: showPeriod(earlier, previous),
    change: changes(current, previous),
    top_agents: most(agents, current.costNano),
    top_users: most(users, current.costNano),
    top_providers: most(providers, current.costNano),
    top_models: most(models, current.costNano),
  }
}
