// The configuration of workerd that `npm start` uses, less all that only development needs.
import { kVoid, serializeConfig } from 'miniflare'

const WORKER = 'core:user:weir'
const NETWORK = 'core:builtin:0:#OUTBOUND'
const LOOPBACK = 'loopback'

// Simulated services tell Node what they log. Here there is no Node; they tell a Worker that does not listen.
const silent = {
  name: LOOPBACK,
  worker: {
    compatibilityDate: '2026-10-23',
    modules: [{ name: 'silent.js', esModule: 'export default { fetch: () => new Response(null, { status: 204 }) }' }],
  },
}

function textsIn(value) {
  if (typeof value === 'string') return [value]
  return value && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : []
}

/** The services that `first` reaches, itself among them. */
function reachedFrom(first, services) {
  const known = new Map(services.map(service => [service.name, service]))
  const reached = new Set([first])
  for (const name of reached) {
    for (const text of textsIn(known.get(name))) if (known.has(text)) reached.add(text)
  }
  return services.filter(({ name }) => reached.has(name))
}

// The written form has no word for "nothing", which is what storage in memory has beside its name.
function withMemory(service) {
  const { durableObjectStorage: storage } = service.worker ?? {}
  if (!storage || storage.localDisk) return service
  return { ...service, worker: { ...service.worker, durableObjectStorage: { inMemory: kVoid } } }
}

function withoutContainers({ worker, ...service }) {
  const { containerEngine: _, tails: __, streamingTails: ___, ...rest } = worker
  return { ...service, worker: { ...rest, globalOutbound: { name: NETWORK } } }
}

/** What raw workerd is started with: `written` is Miniflare's configuration of a Weir on `port`, as it was written down. */
export function rawConfigOf(written, port) {
  const services = written.services.map(service => {
    if (service.name === LOOPBACK) return silent
    return service.name === WORKER ? withoutContainers(service) : withMemory(service)
  })
  const socket = { name: 'http', address: `127.0.0.1:${port}`, service: { name: WORKER }, http: {} }
  return serializeConfig({
    services: reachedFrom(WORKER, services),
    sockets: [socket],
    extensions: written.extensions,
  })
}
