import type { RouteSpec } from '../http/route-spec.ts'
import { getMe } from './get-me.ts'
import { MeShape } from './me-shape.ts'

/** Who the caller is. */
export const ME_ROUTES: readonly RouteSpec[] = [
  {
    method: 'GET',
    path: '/v1/me',
    operationId: 'getMe',
    summary: 'Who you are, for which tenant, and what you may do',
    tag: 'Sign-in',
    access: 'signed_in',
    responses: { 200: MeShape },
    handler: getMe,
  },
]
