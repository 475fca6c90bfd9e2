import { DRY_RUN_HEADER, isDeclared } from '../../contracts/declared-routes.ts'
import { TrialPassed } from '../../db/audited-batch.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { RouteSpec } from './route-spec.ts'

/** Whether a change is only to be tried. Throws `header_invalid`. */
export function isTrial(route: RouteSpec, request: Request): boolean {
  const word = request.headers.get(DRY_RUN_HEADER)
  if (word === null || word === 'false') return false
  if (word === 'true' && isDeclared(route)) return true
  const rule = word === 'true' ? 'this request cannot be tried' : 'must be true or false'
  throw new GatewayError('header_invalid', `${DRY_RUN_HEADER}: ${rule}.`, { param: DRY_RUN_HEADER })
}

/** Tries a change, which is refused as it would be, or answered that it would be made. Nothing is written or pushed. */
export async function tryOut(handle: () => Promise<Response> | Response): Promise<Response> {
  try {
    return await handle()
  } catch (thrown) {
    if (thrown instanceof TrialPassed) return Response.json({ dry_run: true })
    throw thrown
  }
}
