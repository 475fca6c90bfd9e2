// A Worker of a few lines on raw workerd, with one object that keeps its rows on tmpfs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../../test/support/weir-server.mjs'
import { startProcess } from './start-process.mjs'
import { scratchDirectory, WORKERD } from './workerd.mjs'

const configOf = ({ port, upstreamUrl, rows }) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .lone),
    (name = "net", network = (allow = ["public", "private"])),
    (name = "rows", disk = (path = "${rows}", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const lone :Workerd.Worker = (
  modules = [(name = "lone.js", esModule = embed "lone.js")],
  compatibilityDate = "2026-10-23",
  globalOutbound = "net",
  bindings = [(name = "UPSTREAM", text = "${upstreamUrl}"), (name = "KEEPER", durableObjectNamespace = "Keeper")],
  durableObjectNamespaces = [(className = "Keeper", uniqueKey = "keeper", enableSql = true)],
  durableObjectStorage = (localDisk = "rows"),
);
`

/** Starts a Worker whose module is `script`, which exports a class `Keeper` as well; what the bench has to know of it. */
export async function startLoneWorker(script, { upstreamUrl }) {
  const home = scratchDirectory('lone')
  const port = await freePort()
  const rows = join(home.path, 'rows')
  mkdirSync(rows)
  writeFileSync(join(home.path, 'lone.js'), script)
  writeFileSync(join(home.path, 'config.capnp'), configOf({ port, upstreamUrl, rows }))
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
