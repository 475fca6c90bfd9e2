import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { isAlive } from '../lock.mjs'
import { NETWORKS } from './networks.mjs'
import { endWithUs, findWorkerd } from './processes.mjs'

const WATCH_MS = 1000
const RESTART_WITHIN_MS = 15_000

// Miniflare's scratch directories are left behind by a kill; here they are found again.
function clearScratch(home) {
  const scratch = join(home, 'tmp')
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch)
  process.env.TMPDIR = scratch
}

/**
 * Callers reach the Worker's own socket. Miniflare's own, behind which a proxy Worker stands, costs three quarters of
 * the throughput; it is used for cron and migrations only. Providers are reached by `OUTBOUND`, for the same reason.
 */
function optionsFor({ worker, vars, home, port }) {
  const bindings = { ...worker.bindings, ...vars }
  const unsafeDirectSockets = [{ host: '127.0.0.1', port }]
  const serviceBindings = { ...worker.serviceBindings, ...NETWORKS }
  return convertV4MiniflareOptions({
    host: '127.0.0.1',
    port: 0,
    cf: false,
    telemetry: { enabled: false },
    log: new Log(LogLevel.WARN),
    resourcePersistencePath: join(home, 'state'),
    workers: [{ ...worker, bindings, serviceBindings, unsafeDirectSockets }],
  })
}

// Miniflare starts a workerd that crashed again, as another process.
function watchWorkerd(onWorkerd, onLost) {
  let pid
  let callOff = () => {}
  let seenMs = Date.now()
  const adopt = () => {
    const found = findWorkerd()
    if (found === undefined) return
    callOff()
    pid = found
    callOff = endWithUs(pid)
    onWorkerd(pid)
  }
  const look = () => {
    if (pid === undefined || isAlive(pid)) seenMs = Date.now()
    else if (Date.now() - seenMs > RESTART_WITHIN_MS) onLost()
  }
  setInterval(look, WATCH_MS).unref()
  return adopt
}

/** Starts workerd with the built Worker, on state that stays. `onWorkerd` is told every process that workerd becomes. */
export async function startRuntime(settings, { onWorkerd, onLost }) {
  clearScratch(settings.home)
  const adopt = watchWorkerd(onWorkerd, onLost)
  const mf = new Miniflare({ ...optionsFor(settings), unsafeHandleRuntimeRestart: adopt })
  await mf.ready
  adopt()
  return mf
}
