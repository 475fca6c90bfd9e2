import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, it } from 'vitest'
import { runCases } from '../../bench/overspend/run-cases.mjs'
import { anyGateway } from '../../bench/overspend/subjects/any-gateway.mjs'
import { ownWeir } from '../../bench/overspend/subjects/weir.mjs'
import { startCountingUpstream } from '../../bench/overspend/upstream.mjs'

const SMALL = { scale: 0.2, seed: 7 }

let upstream: Awaited<ReturnType<typeof startCountingUpstream>>
let weir: Awaited<ReturnType<typeof ownWeir>>

beforeAll(async () => {
  upstream = await startCountingUpstream()
  weir = await ownWeir({ upstreamUrl: upstream.baseUrl })
})

afterAll(async () => {
  await weir?.stop()
  await upstream?.stop()
})

/** A gateway of which nothing is known but its URL, with keys enough for every case of a scenario. */
function unknownGateway(baseUrl: string) {
  return anyGateway({ baseUrl, keys: ['sk-1', 'sk-2', 'sk-3'], model: 'gpt-4o-mini', limitNano: 10_000_000 })
}

it.for([
  [1, 'a parallel burst'],
  [6, 'duplicates and retries'],
  [11, 'mixed sizes until nothing fits'],
] as const)('breaks no promise in scenario %i: %s', async ([number], { expect }) => {
  const results = await runCases({ subject: weir, upstream, only: [number], ...SMALL })
  expect(results.length).toBeGreaterThan(0)
  for (const { name, figures, broken } of results) {
    expect(broken, `${name}: ${JSON.stringify(figures)}`).toEqual([])
    expect(figures).toMatchObject({ bookedNano: figures.trueNano, counterNano: figures.trueNano, heldAfterNano: 0 })
    expect(figures.admitted).toBeGreaterThan(0)
  }
})

it('notices a gateway that lets everything pass', async ({ expect }) => {
  const subject = unknownGateway(upstream.baseUrl.replace('/v1', ''))
  const results = await runCases({ subject, upstream, only: [1], ...SMALL })
  expect(results.map(({ figures, skipped, broken }) => [figures?.refused ?? skipped, broken])).toEqual([
    [0, ['overspend']],
    [0, ['overspend']],
    ['needs an adapter that can make keys of other kinds', []],
  ])
  expect(results[0]?.figures.overspend).toBeGreaterThan(3)
})

it('notices a gateway that books nothing', async ({ expect }) => {
  const readBook = async () => ({ events: [], counterNano: 0, heldNano: 0 })
  const subject = { ...unknownGateway(upstream.baseUrl.replace('/v1', '')), readBook }
  const [result] = await runCases({ subject, upstream, only: [1], ...SMALL })
  expect(result?.broken).toContain('lost')
  expect(result?.figures.lost).toBe(1)
})

it('notices a gateway that refuses what it could admit', async ({ expect }) => {
  const refusing = createServer((request, response) => {
    request.resume()
    request.on('end', () => response.writeHead(429, { 'content-type': 'application/json' }).end('{}'))
  })
  await new Promise<void>(resolve => refusing.listen(0, '127.0.0.1', resolve))
  const { port } = refusing.address() as AddressInfo
  const [result] = await runCases({
    subject: unknownGateway(`http://127.0.0.1:${port}`),
    upstream,
    only: [1],
    ...SMALL,
  })
  refusing.closeAllConnections()
  refusing.close()
  // A fifth of 40 requests is what the budget covers.
  expect(result?.figures).toMatchObject({ admitted: 0, avoidable: 8 })
})
