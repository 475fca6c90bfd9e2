// The Worker as it is deployed has a budget: its size, and what it computes before the first request.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { build } from '../build.mjs'

/** The platform takes 10 MB (3 MB on its free plan); half a megabyte is parsed at every cold start. */
const MAX_GZIP_BYTES = 1_000_000
/**
 * The platform refuses a script that takes a second of CPU to start (error 10021). The aim is 200 ms on a machine with nothing else
 * to do; where cores are shared the same start is counted as up to twice as much, so that only what is far above fails.
 */
const MAX_START_MS = 600
const TICK_MS = 10
const TRIES = 3
// Runs the module and answers by itself: what the first request makes is no start.
const MAIN = `import './index.js'
export default { fetch: () => new Response() }`

const workerd = resolve(import.meta.dirname, '../../node_modules/workerd/bin/workerd')

function freePort() {
  return new Promise(done => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}

// The module alone: what it makes at its top needs no bindings.
function configOf({ compatibilityDate, compatibilityFlags }, port) {
  const flags = compatibilityFlags.map(flag => `"${flag}"`).join(', ')
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "main.js", esModule = embed "main.js"), (name = "index.js", esModule = embed "index.js")],
    compatibilityDate = "${compatibilityDate}",
    compatibilityFlags = [${flags}],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);`
}

function cpuMs(pid) {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').slice(11, 13)
  return (Number(user) + Number(system)) * TICK_MS
}

async function untilAnswered(port, child) {
  for (;;) {
    if (child.exitCode !== null) throw new Error('workerd does not start with the bundle')
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    if (answer) return
    await sleep(20)
  }
}

// CPU and not the clock: others may use the machine.
async function startOnce(worker, contents) {
  const dir = mkdtempSync(join(tmpdir(), 'weir-start-'))
  const port = await freePort()
  writeFileSync(join(dir, 'main.js'), MAIN)
  writeFileSync(join(dir, 'index.js'), contents)
  writeFileSync(join(dir, 'config.capnp'), configOf(worker, port))
  const child = spawn(workerd, ['serve', join(dir, 'config.capnp')], { stdio: 'ignore' })
  try {
    await untilAnswered(port, child)
    return cpuMs(child.pid)
  } finally {
    child.kill()
    rmSync(dir, { recursive: true, force: true })
  }
}

async function leastOf(worker, contents) {
  const tries = []
  for (let n = 0; n < TRIES; n++) tries.push(await startOnce(worker, contents))
  return Math.min(...tries)
}

async function startMs(worker, contents) {
  if (process.platform !== 'linux') return 0
  return (await leastOf(worker, contents)) - (await leastOf(worker, ''))
}

/** What the Worker weighs and takes to start. Start-up is measured on Linux, where a process's CPU time can be read. */
export async function measureBundle() {
  const { worker } = await build()
  const { contents } = worker.modules[0]
  return { gzipBytes: gzipSync(contents, { level: 9 }).length, startMs: await startMs(worker, contents) }
}

/** What of the Worker is over its budget. */
export async function findBundleExcess() {
  const { gzipBytes, startMs: ms } = await measureBundle()
  const problems = []
  if (gzipBytes > MAX_GZIP_BYTES) problems.push(`the bundle is ${gzipBytes} bytes by gzip; at most ${MAX_GZIP_BYTES}`)
  if (ms > MAX_START_MS) problems.push(`the Worker takes ${ms} ms of CPU to start; at most ${MAX_START_MS}`)
  return problems
}
