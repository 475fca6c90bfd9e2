import { describe, logEvent } from '../telemetry/log.ts'

/** What keeps a task alive after the answer. */
export type Lifetime = Pick<ExecutionContext, 'waitUntil'>

/**
 * Keeps tasks alive, all that overlap by one wait: each wait of the platform's costs as much as a timer. A task that fails is logged, and
 * ends no other.
 */
export function keepAlive(lifetime: Lifetime): (task: Promise<unknown>) => void {
  let open = 0
  let end = () => {}
  const done = () => {
    open -= 1
    if (open === 0) end()
  }
  return task => {
    open += 1
    if (open === 1) lifetime.waitUntil(new Promise<void>(resolve => (end = resolve)))
    task.catch(failure => logEvent({ event: 'task_failed', cause: describe(failure) })).then(done)
  }
}
