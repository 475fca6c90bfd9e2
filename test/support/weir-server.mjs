import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { adminClient, until } from './admin.mjs'

const root = resolve(import.meta.dirname, '../..')
const READY = /^Weir is ready on /m
const READY_WITHIN_MS = 90_000
// What the developer's own shell and .dev.vars say must not reach a test: set to nothing, each has its default.
const NEUTRAL = {
  WEIR_DEV_VARS: 'test/support/none.dev.vars',
  HOLD_MS: '',
  DRAIN_MS: '',
  IDLE_MS: '',
  MAX_BODY_BYTES: '',
  MAX_FORM_BYTES: '',
  MOCK_PROVIDER: '',
  DEFAULT_PLAN: '',
  ALLOWED_ORIGINS: '',
  WEIR_SECRET: '',
  WEIR_SECRET_PREVIOUS: '',
  WEIR_SETUP_TOKEN: '',
  WEIR_INTERNAL_TOKEN: '',
  WEIR_INTERNAL_SCOPES: '',
  AWS_SECRET_ACCESS_KEY: '',
  AWS_BEARER_TOKEN_BEDROCK: '',
  SHARED_PROVIDERS: '',
  TENANT_ENV_KEYS: '',
  ALLOW_PRIVATE_UPSTREAMS: '',
  WEBHOOK_TIMEOUT_MS: '',
  DB_SHARDS: '',
}

// Below those that outgoing connections are given, which might take one that a server is about to listen on.
const randomPort = () => 10_000 + Math.floor(Math.random() * 20_000)

function isFree(port) {
  return new Promise(resolveFree => {
    const server = createServer()
    server.once('error', () => resolveFree(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolveFree(true)))
  })
}

/** A port that was free a moment ago. */
export async function freePort() {
  const port = randomPort()
  return (await isFree(port)) ? port : freePort()
}

// A process group of its own, so that a kill takes node and workerd in the same instant; a channel, so that it stops
// when the test run is itself killed.
function launch(home, port, env) {
  const node = join(root, 'node_modules', '.bin', 'node')
  const child = spawn(node, [join(root, 'scripts', 'serve.mjs')], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...NEUTRAL, ...env, WEIR_STATE_DIR: home, PORT: String(port) },
  })
  const log = { text: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      // Enough to explain a failure; a log line per request would otherwise grow without end.
      log.text = (log.text + chunk).slice(-100_000)
    })
  }
  const exited = new Promise(resolveExit => child.once('exit', code => resolveExit(code)))
  return { child, log, exited }
}

async function waitUntilReady({ child, log, exited }) {
  let timer
  const late = new Promise(resolveLate => {
    timer = setTimeout(() => resolveLate('late'), READY_WITHIN_MS)
  })
  const ready = new Promise(resolveReady => {
    child.stdout.on('data', () => READY.test(log.text) && resolveReady('ready'))
  })
  const outcome = await Promise.race([ready, exited, late])
  clearTimeout(timer)
  if (outcome !== 'ready') throw new Error(`the server did not start (${outcome}):\n${log.text.slice(-4000)}`)
}

function readDemo(home, log) {
  const values = parseEnv(readFileSync(join(home, 'demo.env'), 'utf8'))
  const { WEIR_BASE_URL, WEIR_VIRTUAL_KEY, WEIR_ADMIN_KEY } = values
  if (!WEIR_BASE_URL || !WEIR_VIRTUAL_KEY || !WEIR_ADMIN_KEY) throw new Error(`demo.env is not complete:\n${log.text}`)
  return { baseUrl: WEIR_BASE_URL, virtualKey: WEIR_VIRTUAL_KEY, adminKey: WEIR_ADMIN_KEY }
}

// Gone already is as good as killed.
function kill(pid, signal) {
  try {
    process.kill(pid, signal)
  } catch {}
}

async function answers(baseUrl) {
  const response = await fetch(`${baseUrl}/health`).catch(() => undefined)
  return response?.ok ?? false
}

/**
 * Really starts Weir, as `npm start` does, on a state of its own, with `upstreamUrl` for OpenAI. `env` sets what
 * wrangler.toml leaves open, such as HOLD_MS.
 */
export async function startWeir({ upstreamUrl, env = {} }) {
  const home = mkdtempSync(join(tmpdir(), 'weir-e2e-'))
  const port = await freePort()
  const variables = { OPENAI_API_KEY: 'sk-upstream', OPENAI_BASE_URL: upstreamUrl, ...env }
  /** @type {ReturnType<typeof launch>} */
  let running
  const end = async signal => {
    kill(-running.child.pid, signal)
    await running.exited
  }
  const restart = async (changes = {}) => {
    running = launch(home, port, { ...variables, ...changes })
    try {
      await waitUntilReady(running)
      return readDemo(home, running.log)
    } catch (error) {
      await end('SIGKILL')
      throw error
    }
  }
  const demo = await restart()
  return {
    ...demo,
    home,
    admin: adminClient(demo.baseUrl, demo.adminKey),
    output: () => running.log.text,
    pid: () => running.child.pid,
    /** As a power cut: node and workerd at once, in the middle of whatever they do. */
    kill9: () => end('SIGKILL'),
    /** Node alone, which leaves workerd behind. */
    killNode9: async () => {
      kill(running.child.pid, 'SIGKILL')
      await running.exited
    },
    /** Workerd alone, which node starts again. */
    killWorkerd9: async () => {
      kill(Number(readFileSync(join(home, 'serve.lock', 'workerd'), 'utf8')), 'SIGKILL')
      await until(
        () => answers(demo.baseUrl),
        isUp => isUp,
      )
    },
    restart,
    stop: () => end('SIGTERM'),
    dispose: async () => {
      await end('SIGTERM')
      rmSync(home, { recursive: true, force: true })
    },
  }
}
