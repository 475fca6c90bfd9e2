import type { McpWorld } from './world.ts'

/** A way to one server, for one conversation. */
export type Channel = {
  /** Sends a request, and answers its result. Throws `McpFailure` for an error. */
  request(method: string, params: Record<string, unknown>): Promise<unknown>
  notify(method: string): Promise<void>
  /** What both sides speak from now on. */
  agree(version: string): void
  /** Ends the conversation. */
  close(): Promise<void>
}

/** Where a channel leads, and what opens it. `signal`: that of the time which all of it has. */
export type Opened = { url: string; headers: Record<string, string>; signal: AbortSignal; fetch: McpWorld['fetch'] }
