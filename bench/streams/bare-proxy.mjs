// The least that a Worker can do with a stream: hand it on; and under /pump the least that one can do which has to see it.
// Served as `npm start` serves Weir. A process of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRuntime } from '../../scripts/serve/runtime.mjs'
import { freePort } from '../../test/support/weir-server.mjs'

const contents = `
async function pump(upstream, client) {
  const [reader, writer] = [upstream.getReader(), client.getWriter()]
  for (let next = await reader.read(); !next.done; next = await reader.read()) await writer.write(next.value)
  await writer.close()
}
export default {
  async fetch(request, env, ctx) {
    const { method, headers, body } = request
    const answer = await env.OUTBOUND.fetch(env.UPSTREAM + '/chat/completions', { method, headers, body })
    if (!new URL(request.url).pathname.startsWith('/pump')) return new Response(answer.body, answer)
    const { readable, writable } = new IdentityTransformStream()
    ctx.waitUntil(pump(answer.body, writable))
    return new Response(readable, answer)
  },
}`

const home = mkdtempSync(join(tmpdir(), 'weir-bare-'))
process.on('exit', () => rmSync(home, { recursive: true, force: true }))
process.on('disconnect', () => process.exit(0))
const port = await freePort()
const modules = [{ type: 'ESModule', path: join(home, 'bare.js'), contents }]
const worker = { name: 'bare', compatibilityDate: '2026-10-23', modules, rootPath: home, bindings: {} }
const settings = { home, port, worker, vars: { UPSTREAM: process.argv[2] } }
let pid
await startRuntime(settings, { onWorkerd: found => (pid = found), onLost: () => process.exit(1) })
process.send?.({ port, pid })
