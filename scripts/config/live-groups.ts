import { groupSpec } from './declare-groups.ts'
import type { Live, Spec } from './object.ts'

/** What an instance shows, before it is known what a file made of it. */
export type Shown = Omit<Live, 'hash'>

// biome-ignore lint/suspicious/noExplicitAny: as the API answers
type Row = any

/** A name for an id, for whatever refers to one; the id itself where nobody has it any more. */
export function nameOf(objects: Shown[], kind: Live['kind'], id: string | null | undefined): string | undefined {
  if (!id) return undefined
  return objects.find(one => one.kind === kind && one.id === id)?.name ?? id
}

/** The tenant with all that it can set. */
export function liveTenant({ id, name, settings }: Row): Shown {
  return { kind: 'tenant', name: 'tenant', id, spec: { name, ...settings } }
}

function groupOf(kind: 'customer' | 'team', row: Row, customers: Shown[]): Shown {
  const customer = nameOf(customers, 'customer', row.customer_id)
  const { name, budgets, rate_limit } = row
  const calendar_aligned = rate_limit?.calendar_aligned
  const spec: Spec = groupSpec({ name, customer, budgets, rate_limit, calendar_aligned })
  return { kind, name, id: row.id, spec }
}

/** Customers and teams as specs have them. */
export function liveGroups({ customers, teams }: { customers: Row[]; teams: Row[] }): Shown[] {
  const ofCustomers = customers.map(row => groupOf('customer', row, []))
  return [...ofCustomers, ...teams.map(row => groupOf('team', row, ofCustomers))]
}
