// The floor of a hold: what it costs to write one row before a request is sent and another after its answer, and nothing else.
import { startLoneWorker } from './lone-worker.mjs'

const WORKER = `import { DurableObject } from 'cloudflare:workers'
export class Keeper extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env)
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS hold (id TEXT PRIMARY KEY, tokens INTEGER) STRICT, WITHOUT ROWID')
  }
  hold(id) {
    this.ctx.storage.sql.exec('INSERT INTO hold (id) VALUES (?1)', id)
  }
  settle(id, tokens) {
    this.ctx.storage.sql.exec('UPDATE hold SET tokens = ?2 WHERE id = ?1', id, tokens)
  }
}
export default {
  async fetch(request, env, ctx) {
    const { method } = request
    if (method === 'GET') return new Response('ready')
    const text = await request.text()
    const isStream = JSON.parse(text).stream === true
    const keeper = env.KEEPER.getByName('key')
    const id = crypto.randomUUID()
    await keeper.hold(id)
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(env.UPSTREAM + '/chat/completions', { method, headers, body: text })
    if (isStream) {
      ctx.waitUntil(keeper.settle(id, 0))
      return new Response(answer.body, answer)
    }
    const said = await answer.text()
    ctx.waitUntil(keeper.settle(id, JSON.parse(said).usage.total_tokens))
    return new Response(said, { headers })
  },
}
`

/** A Worker that writes a hold before it hands on, on raw workerd: no limits, no keys, no prices, no events. */
export const holding = {
  id: 'holding',
  name: 'a proxy that writes a hold',
  start: settings => startLoneWorker(WORKER, settings),
}
