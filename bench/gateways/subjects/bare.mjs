// The floor of the runtime: a Worker that does nothing but hand on, served by workerd alone.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../test/support/weir-server.mjs'
import { startProcess } from './start-process.mjs'
import { scratchDirectory, WORKERD } from './workerd.mjs'

const WORKER = `export default {
  async fetch(request, env) {
    const { method, headers, body } = request
    if (method === 'GET') return new Response('ready')
    const answer = await fetch(env.UPSTREAM + '/chat/completions', { method, headers, body })
    return new Response(answer.body, answer)
  },
}
`

const configOf = ({ port, upstreamUrl }) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .bare), (name = "net", network = (allow = ["public", "private"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const bare :Workerd.Worker = (
  modules = [(name = "bare.js", esModule = embed "bare.js")],
  compatibilityDate = "2026-10-23",
  globalOutbound = "net",
  bindings = [(name = "UPSTREAM", text = "${upstreamUrl}")],
);
`

async function start({ upstreamUrl }) {
  const home = scratchDirectory('bare')
  const port = await freePort()
  writeFileSync(join(home.path, 'bare.js'), WORKER)
  writeFileSync(join(home.path, 'config.capnp'), configOf({ port, upstreamUrl }))
  const baseUrl = `http://127.0.0.1:${port}`
  const running = await startProcess(WORKERD, ['serve', 'config.capnp'], { readyUrl: baseUrl, cwd: home.path })
  return {
    url: `${baseUrl}/v1/chat/completions`,
    headers: { authorization: 'Bearer none' },
    model: 'gpt-4o-mini',
    pid: running.pid,
    stop: () => running.stop().finally(home.remove),
  }
}

/** A Worker that hands on what it gets, on raw workerd. */
export const bare = { id: 'bare', name: 'a bare proxy on workerd', start }
