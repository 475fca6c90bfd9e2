import type { ControlPorts } from '../control/ports.ts'
import { deployment } from './deployment.ts'

/** The ports that read what was used. What was asked for a moment ago is settled first, so that its cost is in what is shown. */
export function usagePorts(env: Env): Pick<ControlPorts, 'readScopeUsage' | 'readUsage'> {
  const { meterOf, budgetOf, settled } = deployment(env)
  return {
    async readScopeUsage(owner) {
      await settled({ tenantId: owner.tenantId })
      const standings = await budgetOf(owner).read(Date.now())
      return standings.map(({ limitId, spent, startMs, endMs }) => ({ limitId, used: spent, startMs, endMs }))
    },
    async readUsage(key) {
      await settled(key)
      const { standings } = await meterOf(key).read(Date.now())
      return standings.map(one => ({
        limitId: one.limitId,
        used: one.settled,
        startMs: one.startsAtMs,
        endMs: one.resetsAtMs,
      }))
    },
  }
}
