import { type AlertRuleRow, findAlertRule, listFirings, listAlertRules as listRows } from '../../db/find-alert-rules.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { listBody, readPage } from '../http/page.ts'
import type { ControlPorts } from '../ports.ts'
import { renderFiring, renderRule } from './render-rule.ts'

/** The caller's rule that the path names. Throws `not_found`, of another tenant's in the same words. */
export async function findMyRule(c: ControlContext, ports: ControlPorts): Promise<AlertRuleRow> {
  const row = await findAlertRule(ports.db, { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' })
  if (!row) throw new GatewayError('not_found', 'There is no such alert.')
  return row
}

/** `GET /v1/alerts`: a page of the tenant's rules, the newest first. */
export async function listAlertRules(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { rows, total } = await listRows(ports.db, { tenantId: c.get('principal').tenantId, ...page })
  return c.json(listBody(rows.map(renderRule), total, page))
}

/** `GET /v1/alerts/:id`. */
export async function getAlertRule(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const row = await findMyRule(c, ports)
  return c.json(renderRule(row), 200, { etag: etagOf(row.version) })
}

/** `GET /v1/alerts/:id/triggered`: a page of the times that a rule was met, the newest first. */
export async function listAlertFirings(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const rule = await findMyRule(c, ports)
  const { rows, total } = await listFirings(ports.db, { tenantId: rule.tenantId, id: rule.id, ...page })
  return c.json(
    listBody(
      rows.map(row => renderFiring(rule, row)),
      total,
      page,
    ),
  )
}
