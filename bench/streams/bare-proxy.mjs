// The least that a Worker can do with a stream: hand it on. Served as `npm start` serves Weir. A process of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRuntime } from '../../scripts/serve/runtime.mjs'
import { freePort } from '../../test/support/weir-server.mjs'

const contents = `export default {
  async fetch(request, env) {
    const { method, headers, body } = request
    const answer = await env.OUTBOUND.fetch(env.UPSTREAM + '/chat/completions', { method, headers, body })
    return new Response(answer.body, answer)
  },
}`

const home = mkdtempSync(join(tmpdir(), 'weir-bare-'))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))
process.on('disconnect', () => process.exit(0))
const port = await freePort()
const modules = [{ type: 'ESModule', path: join(home, 'bare.js'), contents }]
const worker = { name: 'bare', compatibilityDate: '2026-10-23', modules, rootPath: home, bindings: {} }
const settings = { home, port, worker, vars: { UPSTREAM: process.argv[2] } }
await startRuntime(settings, { onWorkerd: () => undefined, onLost: () => process.exit(1) })
process.send?.(port)
