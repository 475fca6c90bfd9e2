import type { ConfigFile } from './file-schema.ts'
import { limitsSpec } from './limits-spec.ts'
import { type Declared, type Spec, tidy } from './object.ts'

type GroupSpec = NonNullable<ConfigFile['teams']>[number]

/** A team or a customer as a spec has it. What it is aligned to is said by its rate limit alone, if it has one. */
export function groupSpec({ name, customer, calendar_aligned = false, ...limits }: GroupSpec): Spec {
  const isAligned = limits.rate_limit !== undefined && calendar_aligned
  return {
    ...tidy({ name, customer, calendar_aligned: isAligned }, { calendar_aligned: false }),
    ...limitsSpec(limits, { inherited: calendar_aligned, said: isAligned }),
  }
}

/** The customers and the teams of a file. */
export function declareGroups({ customers = [], teams = [] }: ConfigFile): Declared[] {
  const ofCustomers = customers.map((one, index): Declared => {
    return { kind: 'customer', name: one.name, spec: groupSpec(one), path: ['customers', index], refs: [] }
  })
  const ofTeams = teams.map((one, index): Declared => {
    const path = ['teams', index]
    const customer = one.customer
      ? [{ kind: 'customer', name: one.customer, path: [...path, 'customer'] } as const]
      : []
    return { kind: 'team', name: one.name, spec: groupSpec(one), path, refs: customer }
  })
  return [...ofCustomers, ...ofTeams]
}

/** The tenant of a file, as far as it says anything of it. */
export function declareTenant({ tenant }: ConfigFile): Declared[] {
  if (!tenant) return []
  const { settings = {} } = tenant
  const { allowed_origins, governance_compat, budget_exceeded_status, default_residency } = settings
  const { data_retention_days, required_headers } = settings
  const said = {
    name: tenant.name,
    allowed_origins: allowed_origins === null ? [] : allowed_origins && [...new Set(allowed_origins)],
    governance_compat,
    budget_exceeded_status: budget_exceeded_status === null ? 429 : budget_exceeded_status,
    default_residency,
    data_retention_days,
    required_headers: required_headers === null ? [] : required_headers,
  }
  // Here `null` is said: it is the default, which is not that nothing is said.
  const spec = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Spec
  return [{ kind: 'tenant', name: 'tenant', spec, path: ['tenant'], refs: [] }]
}
