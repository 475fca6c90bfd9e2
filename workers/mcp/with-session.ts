import { InitializeResult } from '../contracts/mcp-messages.ts'
import { headerOwner } from '../core/mcp/header-owner.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { Channel } from './channel.ts'
import { eventStream } from './event-stream.ts'
import { failureOf, McpFailure, serverError } from './failure.ts'
import { streamableHttp } from './streamable-http.ts'
import type { McpWorld, PlacedServer } from './world.ts'

/** How long a server may take for all of a conversation where nothing is said of it. */
export const DEFAULT_TIMEOUT_MS = 30_000
/** What is offered, and what else is understood: they differ in nothing that is used here. */
const VERSIONS = ['2025-06-18', '2025-11-25', '2025-03-26', '2024-11-05']
const CLIENT = { name: 'weir', version: '1' }

async function openedHeaders(server: PlacedServer, world: McpWorld): Promise<Record<string, string>> {
  const pairs = server.headers.map(async ({ name, sealed }) => {
    try {
      return [name, (await world.openSecret(sealed, headerOwner(server, name))).secret] as const
    } catch {
      const detail = `The header ${name} of MCP client '${server.name}' cannot be had: send its value again.`
      throw new GatewayError('provider_key_unusable', detail)
    }
  })
  return Object.fromEntries(await Promise.all(pairs))
}

async function openChannel(server: PlacedServer, world: McpWorld, signal: AbortSignal): Promise<Channel> {
  // Asked again: what may be called is the deployment's to say, and it may have changed its mind.
  const flaw = world.addressFlaw(server.url)
  if (flaw) throw new McpFailure('mcp_server_unreachable', `its address may not be called here (${flaw}).`)
  const opened = { url: server.url, headers: await openedHeaders(server, world), signal, fetch: world.fetch }
  return server.transport === 'sse' ? eventStream(opened) : streamableHttp(opened)
}

async function greet(channel: Channel): Promise<void> {
  const params = { protocolVersion: VERSIONS[0], capabilities: {}, clientInfo: CLIENT }
  const hello = InitializeResult.safeParse(await channel.request('initialize', params))
  const version = hello.data?.protocolVersion
  if (version === undefined || !VERSIONS.includes(version))
    throw serverError('it speaks no version of MCP that Weir does.')
  channel.agree(version)
  await channel.notify('notifications/initialized')
}

// A stream that says nothing has to be left behind: not every wait ends by itself when its time is over.
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  return Promise.race([work, over])
}

/**
 * A conversation with a server: greeted, used, ended. One for each use, so that nothing of one key's is in another's. Throws
 * what is wrong with the server, in words for its tenant.
 */
export async function withSession<T>(
  placed: PlacedServer,
  world: McpWorld,
  use: (channel: Channel) => Promise<T>,
): Promise<T> {
  const timeoutMs = placed.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const signal = AbortSignal.timeout(timeoutMs)
  const progress = { signal, isAsked: false }
  const talk = async () => {
    const channel = await openChannel(placed, world, signal)
    try {
      await greet(channel)
      progress.isAsked = true
      return await use(channel)
    } finally {
      world.after(channel.close().catch(() => undefined))
    }
  }
  try {
    return await untilAborted(talk(), signal)
  } catch (thrown) {
    throw failureOf(thrown, { ...placed, timeoutMs }, progress)
  }
}
