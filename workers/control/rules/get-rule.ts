import { findRule } from '../../db/find-rules.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { renderRule } from './render-rule.ts'
import { readSkips, renderSkips } from './render-skips.ts'
import { ruleNotFound } from './rule-not-found.ts'

/** `GET /api/governance/routing-rules/{id}`, with how often it could not be evaluated of late. */
export async function getRule(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const path = { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
  const [rule, skips] = await Promise.all([findRule(ports.db, path), readSkips(path.tenantId, ports)])
  if (!rule) throw ruleNotFound()
  return c.json(
    await withConfigHashes({ rule: { ...renderRule(rule), skipped: renderSkips(rule.id, skips) } }, c, ports),
    200,
    {
      etag: etagOf(rule.version),
    },
  )
}
