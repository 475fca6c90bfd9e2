import { createHash } from 'node:crypto'
import { usdFromNano } from '../money/nano-usd.ts'
import { type AlertFilters, type Channel, type Measured, shownThreshold, type Trigger } from './alert-rule.ts'

/** What a rule says of itself where it was met. */
export type ToldRule = { id: string; name: string; trigger: Trigger; channels: Channel[]; filters: AlertFilters }
/** That a rule was met. `threshold`: the rule's at that time, in whole percents or nano-dollars. */
export type Firing = Measured & { threshold: number; noticedMs: number }

const iso = (ms: number) => new Date(ms).toISOString()

/** Names a firing within its rule: a threshold of a budget, or of spending, in a window. */
export function firingSubject(ruleId: string, { startMs, limitId, threshold }: Firing): string {
  return [ruleId, startMs, limitId, threshold].join('/')
}

/** A firing as it is shown and told: dollars, as they were when it was noticed. */
export function toldFiring(tenantId: string, rule: ToldRule, firing: Firing) {
  const hash = createHash('sha256').update(JSON.stringify([tenantId, firingSubject(rule.id, firing)]))
  const { trigger, name, channels, filters } = rule
  const { limitId, scope, max, used, startMs, endMs, noticedMs } = firing
  return {
    ...{ id: `alr_${hash.digest('hex').slice(0, 32)}`, alert_id: rule.id, name, trigger },
    ...{ threshold: shownThreshold(trigger, firing.threshold), channels, filters },
    ...{ limit_id: limitId === '' ? null : limitId, scope },
    ...{ max_usd: usdFromNano(max), used_usd: usdFromNano(used) },
    window: { starts_at: iso(startMs), resets_at: iso(endMs) },
    noticed_at: iso(noticedMs),
  }
}
