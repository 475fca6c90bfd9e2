import type { BillableUsage } from '../../core/pricing/index.ts'
import type { Dialect } from '../port.ts'
import { usageEvents } from './usage-events.ts'

/** What a wire of OpenAI's that is no conversation has of its own: how a body tells what was used. */
export type PlainWays = {
  readUsage(body: unknown): BillableUsage | undefined
  /** What is said beside the request. */
  add?(body: Record<string, unknown>, model: string): Record<string, unknown>
}

/** A wire whose requests go on as they came, but for the model's name: none has an output cap. */
export function plainDialect({ readUsage, add }: PlainWays): Dialect {
  return {
    prepare: (body, { model }) => JSON.stringify({ ...body, model, ...add?.(body, model) }),
    readUsage,
    streamReader: () => usageEvents(readUsage),
  }
}
