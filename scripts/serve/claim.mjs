import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from '../lock.mjs'
import { commandOf } from './processes.mjs'

const GONE_WITHIN_MS = 5000
const PORT_WITHIN_MS = 1000

function readPid(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

// After a restart of the machine or container the number may be another process's, even our own.
function runs(pid, words) {
  return pid !== undefined && pid !== process.pid && isAlive(pid) && words.test(commandOf(pid))
}

/** Ends a workerd that its node left behind: it would serve on, and write to the same databases. */
async function endOrphan(pid) {
  if (!runs(pid, /workerd\S* serve/)) return
  process.kill(pid, 'SIGKILL')
  for (const until = Date.now() + GONE_WITHIN_MS; isAlive(pid) && Date.now() < until; ) await sleep(20)
}

async function takeDirectory(dir) {
  try {
    mkdirSync(dir)
    return
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const owner = readPid(join(dir, 'pid'))
  if (runs(owner, /serve\.mjs/)) {
    throw new Error(`Weir already runs on this state as process ${owner}. Stop it with: kill ${owner}`)
  }
  await endOrphan(readPid(join(dir, 'workerd')))
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir)
}

/** Makes this process the only one on the state under `home`: two would corrupt it. `release` gives it back. */
export async function claimState(home) {
  const dir = join(home, 'serve.lock')
  await takeDirectory(dir)
  writeFileSync(join(dir, 'pid'), String(process.pid))
  return {
    recordWorkerd: pid => writeFileSync(join(dir, 'workerd'), String(pid)),
    release: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function listenError(port) {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error => resolve(error.code))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)))
  })
}

/** Fails with a sentence that says what to do, before anything is started. Waits for a workerd that is just ending. */
export async function requirePort(port) {
  for (const until = Date.now() + PORT_WITHIN_MS; ; await sleep(100)) {
    const code = await listenError(port)
    if (!code) return
    const reason = code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`
    if (code !== 'EADDRINUSE' || Date.now() > until) {
      throw new Error(`Port ${port} ${reason}. Choose another one: PORT=${port + 1} npm start`)
    }
  }
}
