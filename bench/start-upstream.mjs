import { fork } from 'node:child_process'
import { resolve } from 'node:path'

/** Starts the upstream that answers at once, as a process of its own. */
export function startInstantUpstream() {
  const child = fork(resolve(import.meta.dirname, 'instant-upstream.mjs'))
  return new Promise(done =>
    child.once('message', port => done({ url: `http://127.0.0.1:${port}/v1`, stop: () => child.kill() })),
  )
}
