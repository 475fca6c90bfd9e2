import { inJurisdiction } from '../../durable-objects/in-jurisdiction.ts'
import type { KeyRef } from '../core/key/key-text.ts'
import type { CallHost, GatewayPorts } from '../gateway/ports.ts'
import { callTool } from '../mcp/call-tool.ts'
import type { McpWorld } from '../mcp/world.ts'
import { logEvent } from '../telemetry/log.ts'
import { deployment } from './deployment.ts'
import { keepAlive, type Lifetime } from './lifetime.ts'

function connectCall(env: Env, ref: KeyRef, name: string): CallHost {
  return inJurisdiction(env.CALL, { JURISDICTION: ref.jurisdiction }).getByName(name)
}

/** The data plane's ports for the calls that an object hosts; a client that has left is read on for `drainMs`. */
export function hostPorts(env: Env, ctx: Lifetime, drainMs: number): GatewayPorts {
  const ports = gatewayPorts(env, ctx)
  return { ...ports, isCallHost: true, settings: { ...ports.settings, drainMs } }
}

/** What calls of MCP servers need of the world. */
export function mcpWorld(env: Env, ctx: Lifetime): McpWorld {
  const { tenantsFetch: fetch, openSecret, addressFlaw } = deployment(env)
  return { fetch, openSecret, addressFlaw, after: task => ctx.waitUntil(task) }
}

/** What the data plane needs of the world, but for the request's own lifetime: the same for all requests. */
type LastingPorts = Omit<GatewayPorts, 'after' | 'callMcpTool'>

const lastingPorts = new WeakMap<Env, LastingPorts>()

function madeLastingPorts(env: Env): LastingPorts {
  const { settings, readKey, ids, snapshots, standings, providersFor, newCallId, meter, watchOf, retries } =
    deployment(env)
  return {
    settings: {
      holdMs: settings.HOLD_MS,
      drainMs: settings.DRAIN_MS,
      idleMs: settings.IDLE_MS,
      sharesReferences: settings.SHARED_REFERENCES === 'on',
      loserMs: settings.DRAIN_MS,
      maxBodyBytes: settings.MAX_BODY_BYTES,
      maxFormBytes: settings.MAX_FORM_BYTES,
      jurisdiction: settings.JURISDICTION,
    },
    providersFor,
    snapshots,
    standings,
    nowMs: () => Date.now(),
    random: Math.random,
    newCallId,
    ids,
    readKey,
    meter,
    watch: (tenantId, { name, region = null }) => watchOf({ tenantId, provider: name, region }),
    retries,
    callHost: (ref, name) => connectCall(env, ref, name),
    isCallHost: false,
    log: logEvent,
  }
}

/** The data plane's ports for one request. */
export function gatewayPorts(env: Env, ctx: Lifetime): GatewayPorts {
  const lasting = lastingPorts.get(env) ?? madeLastingPorts(env)
  lastingPorts.set(env, lasting)
  return {
    ...lasting,
    callMcpTool: (server, call) => callTool(server, call, mcpWorld(env, ctx)),
    after: keepAlive(ctx),
  }
}

/** Of what is asked about, and not run: nothing outlives the answer. */
export const NO_LIFETIME: Lifetime = { waitUntil: () => undefined }
