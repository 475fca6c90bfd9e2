// The floor of the runtime: a Worker that does nothing but hand on, served by workerd alone.
import { startLoneWorker } from './lone-worker.mjs'

const WORKER = `import { DurableObject } from 'cloudflare:workers'
export class Keeper extends DurableObject {}
export default {
  async fetch(request, env) {
    const { method, headers, body } = request
    if (method === 'GET') return new Response('ready')
    const answer = await fetch(env.UPSTREAM + '/chat/completions', { method, headers, body })
    return new Response(answer.body, answer)
  },
}
`

/** A Worker that hands on what it gets, on raw workerd. */
export const bare = {
  id: 'bare',
  name: 'a bare proxy on workerd',
  start: settings => startLoneWorker(WORKER, settings),
}
