/** How many were taken in the window that begins at `startMs`. */
export type RateWindow = { startMs: number; used: number }

/** How a limit stands after a question: whether it was granted, what is left, and when the window ends. */
export type RateStanding = { ok: boolean; limit: number; remaining: number; resetMs: number }

/** What counts: the object of one tenant, or of one client's address. */
export type RateCounter = {
  take(asked: RateQuestion): Promise<RateStanding>
  read(asked: RateQuestion): Promise<RateStanding>
}

/** One request against a limit; without `max` it is the one of the tenant's plan. */
export type RateQuestion = { nowMs: number; max?: number }

/** The length of a window: a minute of UTC. */
export const RATE_WINDOW_MS = 60_000

/** A window in which nothing was taken. */
export const NO_RATE: RateWindow = { startMs: 0, used: 0 }

/** The window that an instant falls in. One that lies behind a window already seen counts into that: clocks differ. */
export function windowAt({ startMs, used }: RateWindow, nowMs: number): RateWindow {
  const currentMs = nowMs - (nowMs % RATE_WINDOW_MS)
  return currentMs > startMs ? { startMs: currentMs, used: 0 } : { startMs, used }
}

/** How a window stands: `ok` where one more would be granted. */
export function standingOf({ startMs, used }: RateWindow, max: number): RateStanding {
  const remaining = Math.max(0, max - used)
  return { ok: remaining > 0, limit: max, remaining, resetMs: startMs + RATE_WINDOW_MS }
}

/** Takes one where there is one left. What is refused is not counted, so that who goes on asking waits no longer. */
export function takeOne(known: RateWindow, nowMs: number, max: number): { window: RateWindow; standing: RateStanding } {
  const window = windowAt(known, nowMs)
  const { ok } = standingOf(window, max)
  const next = ok ? { ...window, used: window.used + 1 } : window
  return { window: next, standing: { ...standingOf(next, max), ok } }
}
