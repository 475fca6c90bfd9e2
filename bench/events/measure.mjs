import { quantile } from '../streams/quantile.mjs'
import { readEndpoint } from './read-endpoint.mjs'

const WARM_UP = 3

async function timed(server, endpoint) {
  // The first tenant has the most events.
  return (await readEndpoint(server, 0, endpoint)).ms
}

async function rowsOf(server, endpoint) {
  await server.worker.counted()
  await readEndpoint(server, 0, endpoint)
  return (await server.worker.counted()).rowsRead
}

/** Times an endpoint on all servers by turns, so that what else the machine does falls on all of them. */
export async function measureEndpoint(servers, endpoint, rounds) {
  const times = servers.map(() => [])
  for (let round = 0; round < WARM_UP + rounds; round++) {
    for (const [index, server] of servers.entries()) {
      const ms = await timed(server, endpoint)
      if (round >= WARM_UP) times[index].push(ms)
    }
  }
  const sizes = []
  for (const [index, server] of servers.entries()) {
    const [p50, p95] = [quantile(times[index], 0.5), quantile(times[index], 0.95)]
    sizes.push({ events: server.ledger.size, p50, p95, rowsRead: await rowsOf(server, endpoint) })
  }
  return { name: endpoint.name, path: endpoint.path, sizes }
}
