import type { MeterRef } from '../../workers/core/quota/meter-protocol.ts'
import { describe, logEvent } from '../../workers/telemetry/log.ts'
import { AlertOutbox, RESHIP_MS } from '../alert-outbox.ts'
import { HourStatements } from './hour-statements.ts'
import { Outbox } from './outbox.ts'
import type { Statements } from './statements.ts'

/** Events that are settled within this time of each other are shipped together, in milliseconds. */
const SHIP_DELAY_MS = 250
/**
 * After so long without shipping there is nobody to wait for: an event goes as soon as the answer is on its way, since an object
 * is billed for the time that it waits.
 */
const ALONE = { afterMs: 1000, delayMs: 10 }

/** What shipping needs of its meter: its storage, its name, the queue, and the latest instant that it has heard of. */
export type ShippingPorts = {
  sql: Statements
  storage: SqlStorage
  meter: MeterRef
  send(message: unknown): Promise<unknown>
  latestMs(): number
}

/** All that a meter has to tell D1: its events, its hours, its alerts. Each stays in storage until D1 has it. */
export class Shipping {
  readonly outbox: Outbox
  readonly hours: HourStatements
  readonly alerts: AlertOutbox
  readonly #ports: ShippingPorts
  #timer: ReturnType<typeof setTimeout> | undefined
  #shippedMs = 0

  constructor(ports: ShippingPorts) {
    const { sql, storage, meter, send } = ports
    this.#ports = ports
    this.outbox = new Outbox(sql, meter, send)
    this.hours = new HourStatements(sql, meter, send)
    this.alerts = new AlertOutbox(storage, meter, send)
    if (this.outbox.size + this.hours.size + this.alerts.size > 0) this.soon()
  }

  /** Ships in a moment, with what comes until then. */
  soon(): void {
    if (this.#timer !== undefined) return
    const isAlone = this.#ports.latestMs() - this.#shippedMs > ALONE.afterMs
    this.#timer = setTimeout(() => this.#shipNow(), isAlone ? ALONE.delayMs : SHIP_DELAY_MS)
  }

  #shipNow(): void {
    this.#timer = undefined
    this.#shippedMs = this.#ports.latestMs()
    void this.ship(this.#shippedMs)
  }

  /** Ships all that is due. What could not be shipped stays, and the alarm tries again. Never rejects. */
  async ship(nowMs: number): Promise<void> {
    const shipping = [this.outbox.ship(nowMs), this.hours.ship(nowMs), this.alerts.ship(nowMs)]
    const { meter } = this.#ports
    const failed = (cause: unknown) => logEvent({ event: 'ship_failed', ...meter, cause: describe(cause) })
    await Promise.all(shipping.map(one => one.catch(failed)))
  }

  /** When the meter has to be awake for it, in UTC epoch milliseconds. */
  wakeTimes(nowMs: number): number[] {
    const alertsMs = this.alerts.size > 0 ? nowMs + RESHIP_MS : undefined
    return [this.outbox.wakeMs(nowMs), this.hours.nextMs(nowMs), alertsMs].filter(ms => ms !== undefined)
  }
}
