import { ComplexityInput } from '../../contracts/complexity-input.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { getComplexity, resetComplexity, updateComplexity } from './change-complexity.ts'
import { ComplexityShape } from './render-complexity.ts'

const at = { path: '/api/governance/complexity-analyzer-config', tag: 'Routing rules' }
const write = { access: { scope: 'policies:write' } } as const
const shown = { responses: { 200: ComplexityShape }, hasEtag: true } as const

/** The routes of what tells how complex a request is. */
export const COMPLEXITY_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...at, access: { scope: 'policies:read' }, ...shown, operationId: 'getComplexityConfig' },
    summary: 'By what requests are told to be simple or complex',
    handler: getComplexity,
  },
  {
    ...{ method: 'PUT', ...at, ...write, ...shown, operationId: 'updateComplexityConfig', body: ComplexityInput },
    summary: 'Change what the body names of it',
    handler: updateComplexity,
  },
  {
    ...{ method: 'POST', ...at, ...write, ...shown, path: `${at.path}/reset`, operationId: 'resetComplexityConfig' },
    summary: 'Go back to the defaults',
    handler: resetComplexity,
  },
]
