import { DurableObject } from 'cloudflare:workers'
import { PLANS, type Plan, REQUESTS_PER_MINUTE } from '../../workers/core/access/plan.ts'
import {
  NO_RATE,
  type RateQuestion,
  type RateStanding,
  type RateWindow,
  standingOf,
  takeOne,
  windowAt,
} from '../../workers/core/rate/take.ts'
import { pullPlan } from './pull-plan.ts'

/** How long a plan is believed before it is read again, in milliseconds. */
const BELIEVE_MS = 60_000

/**
 * Counts the requests of one tenant, or the wrong credentials of one client, in minutes of UTC: never more than the limit is
 * granted in one. Stored, since an object that is idle for ten seconds forgets what it only remembers; gone once the minute is over.
 */
export class RateObject extends DurableObject<Env> {
  #plan: { max: Promise<number>; readMs: number } | undefined

  /** Takes one. `resetMs` is when there will be more. */
  async take({ nowMs, max: asked }: RateQuestion): Promise<RateStanding> {
    const max = asked ?? (await this.#maxOfPlan(nowMs))
    // No await before the count is written: nothing comes between the question and the count.
    const known = this.#window()
    const { window, standing } = takeOne(known, nowMs, max)
    if (standing.ok) this.ctx.storage.kv.put('window', window)
    if (window.startMs !== known.startMs) await this.ctx.storage.setAlarm(standing.resetMs)
    return standing
  }

  /** How it stands, without taking any. */
  async read({ nowMs, max: asked }: RateQuestion): Promise<RateStanding> {
    const max = asked ?? (await this.#maxOfPlan(nowMs))
    return standingOf(windowAt(this.#window(), nowMs), max)
  }

  override async alarm(): Promise<void> {
    const { startMs } = this.#window()
    // biome-ignore lint/plugin: an alarm is called by the platform, so nobody can pass it the time.
    const { startMs: currentMs } = windowAt({ startMs, used: 0 }, Date.now())
    // Another minute may have begun to count since.
    if (currentMs > startMs) await this.ctx.storage.deleteAll()
    else await this.ctx.storage.setAlarm(standingOf({ startMs, used: 0 }, 0).resetMs)
  }

  #window(): RateWindow {
    return this.ctx.storage.kv.get<RateWindow>('window') ?? NO_RATE
  }

  #maxOfPlan(nowMs: number): Promise<number> {
    if (this.#plan && nowMs < this.#plan.readMs + BELIEVE_MS) return this.#plan.max
    const max = this.#readMax()
    this.#plan = { max, readMs: nowMs }
    // One that failed is not believed; who asked hears of it, and the next one reads again.
    max.catch(() => {
      this.#plan = undefined
    })
    return max
  }

  async #readMax(): Promise<number> {
    const tenantId = (this.ctx.id.name ?? '').replace(/^tenant:/, '')
    const plan = (await pullPlan(this.env.DB, tenantId)) ?? this.#defaultPlan()
    return REQUESTS_PER_MINUTE[plan]
  }

  #defaultPlan(): Plan {
    return PLANS.find(plan => plan === this.env.DEFAULT_PLAN) ?? 'free'
  }
}
