import { RoutingRuleInput } from '../../contracts/routing-rule-input.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'

/** A body, and what it is read by. */
export type RuleChange = { input: RoutingRuleInput; by: { providers: string[]; nowMs: number } }

/** The body of a create or an update. Throws as `readJson` does; a wrong type is `Invalid JSON`, as in the contract. */
export async function readRuleInput(c: ControlContext, ports: ControlPorts): Promise<RuleChange> {
  const spec = { schema: RoutingRuleInput, maxBytes: ports.maxBodyBytes, explain: () => 'Invalid JSON' }
  const input = await readJson(c.req.raw, { ...spec, opaque: ['query'] })
  const { names } = await readProviders(c.get('principal').tenantId, ports)
  return { input, by: { providers: names.map(name => name.toLowerCase()), nowMs: ports.nowMs() } }
}
