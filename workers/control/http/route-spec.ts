import type { Access, RouteFacts } from '../../contracts/route-facts.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import type { ControlContext } from './env.ts'

type ControlFacts = RouteFacts & {
  access: Access
  /** Where the answer holds a text that is shown once: the names on the way to it. It is masked where the answer is kept. */
  secret?: readonly string[]
}

type Reads = { handler: (c: ControlContext, ports: ControlPorts) => Promise<Response> | Response }

/** A route that changes nothing: it is given no name to write into the audit trail, and so cannot call what writes one. */
export type ReadRoute = ControlFacts & Reads & ({ method: 'GET' } | { method: 'POST'; isQuestion: true })

/** A route that may change something, in the name of whoever called it. */
export type WriteRoute = ControlFacts & {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  isQuestion?: never
  handler: (c: ControlContext, ports: ActingPorts) => Promise<Response> | Response
}

/** One route of the management API. */
export type RouteSpec = ReadRoute | WriteRoute
