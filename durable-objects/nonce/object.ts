import { DurableObject } from 'cloudflare:workers'
import type { NonceClaim } from '../../workers/core/sign-in/nonce-claim.ts'
import { statements } from './statements.ts'

/**
 * The nonces of one agent's credential that may still be repeated: of all who bring the same one, the first is let in, whatever
 * the object forgets in between.
 */
export class NonceObject extends DurableObject<Env> {
  readonly #sql = statements(this.ctx.storage.sql)

  /** Whether this nonce is new. It is remembered until `untilMs`, when the request that brought it is too old to pass. */
  async claim({ nonce, nowMs, untilMs }: NonceClaim): Promise<boolean> {
    const { isNew, firstGoesMs } = this.#sql.claim({ nonce, nowMs, untilMs })
    const alarmMs = await this.ctx.storage.getAlarm()
    if (alarmMs === null || alarmMs > firstGoesMs) await this.ctx.storage.setAlarm(firstGoesMs)
    return isNew
  }

  /** Forgets what has run out, and with the last of it all that this object has. */
  override async alarm(): Promise<void> {
    // biome-ignore lint/plugin: an alarm is called by the platform, so nobody can pass it the time.
    const nextMs = this.#sql.forget(Date.now())
    if (nextMs === undefined) await this.ctx.storage.deleteAll()
    else await this.ctx.storage.setAlarm(nextMs)
  }
}
