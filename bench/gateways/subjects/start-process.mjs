import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

const WITHIN_MS = 90_000
const GONE_WITHIN_MS = 5000
const KEPT = 4000

async function answers(url) {
  return fetch(url, { signal: AbortSignal.timeout(1000) }).then(
    answer => answer.body?.cancel().then(() => true) ?? true,
    () => false,
  )
}

async function end(child, exited) {
  child.kill('SIGTERM')
  await Promise.race([exited, sleep(GONE_WITHIN_MS)])
  child.kill('SIGKILL')
  await exited
}

/** Starts a server, waits until `readyUrl` answers anything, and says how to end it. Its last words explain a failure. */
export async function startProcess(command, args, { readyUrl, env = {}, cwd = process.cwd() }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', part => (log = (log + part).slice(-KEPT)))
  let failure
  const exited = new Promise(done => {
    child.once('exit', code => done(`it ended with code ${code}`))
    child.once('error', error => done(error.message))
  }).then(why => {
    failure = why
  })
  const onExit = () => child.kill('SIGKILL')
  process.on('exit', onExit)
  for (const deadline = Date.now() + WITHIN_MS; !(await answers(readyUrl)); await sleep(100)) {
    if (!failure && Date.now() < deadline) continue
    await end(child, exited)
    throw new Error(`${command} did not start (${failure ?? 'no answer'}):\n${log}`)
  }
  const stop = () => end(child, exited).finally(() => process.off('exit', onExit))
  return { pid: child.pid, stop, output: () => log }
}
