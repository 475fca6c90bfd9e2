import { ADMIN_ROUTES } from './admin/routes.ts'
import { AI_ROUTES } from './ai/routes.ts'
import { ALERT_ROUTES } from './alerts/routes.ts'
import { ANALYTICS_ROUTES } from './analytics/routes.ts'
import { API_KEY_ROUTES } from './api-keys/routes.ts'
import { AUDIT_ROUTES } from './audit/routes.ts'
import { AUTH_ROUTES } from './auth/routes.ts'
import { BUDGET_ROUTES } from './budgets/routes.ts'
import { COMPLEXITY_ROUTES } from './complexity/routes.ts'
import { CONFIG_ROUTES } from './config/routes.ts'
import { COST_ROUTES } from './cost/routes.ts'
import { ENTITY_ROUTES } from './entities/routes.ts'
import { EVENT_ROUTES } from './events/routes.ts'
import { EXPORT_ROUTES } from './exports/routes.ts'
import { groupRoutes } from './governance/group-routes.ts'
import { KEY_ROUTES } from './governance/key-routes.ts'
import { GOVERNANCE_LIMIT_ROUTES } from './governance/limit-routes.ts'
import { HEALTH_ROUTES } from './health/routes.ts'
import type { RouteSpec } from './http/route-spec.ts'
import { AGENT_CREDENTIAL_ROUTES } from './identity/agent-credentials/routes.ts'
import { SERVICE_CREDENTIAL_ROUTES } from './identity/service-credentials/routes.ts'
import { SSO_ROUTES } from './identity/sso/routes.ts'
import { LIMIT_ROUTES } from './limits/routes.ts'
import { MCP_ROUTES } from './mcp/routes.ts'
import { ME_ROUTES } from './me/routes.ts'
import { MODEL_CONFIG_ROUTES } from './model-configs/routes.ts'
import { PRICEBOOK_ROUTES } from './pricebook/routes.ts'
import { PRICING_OVERRIDE_ROUTES } from './pricing-overrides/routes.ts'
import { PROVIDER_ROUTES } from './provider-keys/routes.ts'
import { ROUTING_ROUTES } from './routing/routes.ts'
import { RULE_ROUTES } from './rules/routes.ts'
import { SETUP_ROUTES } from './setup/routes.ts'
import { TENANT_ROUTES } from './tenant/routes.ts'
import { WEBHOOK_ROUTES } from './webhooks/routes.ts'

/** Every route of the management API. What is not in here is not served, and what is served is in the OpenAPI document. */
export const CONTROL_ROUTES: readonly RouteSpec[] = [
  ...SETUP_ROUTES,
  ...ADMIN_ROUTES,
  ...TENANT_ROUTES,
  ...KEY_ROUTES,
  ...groupRoutes('team'),
  ...groupRoutes('customer'),
  ...GOVERNANCE_LIMIT_ROUTES,
  ...RULE_ROUTES,
  ...ROUTING_ROUTES,
  ...PROVIDER_ROUTES,
  ...COMPLEXITY_ROUTES,
  ...MCP_ROUTES,
  ...MODEL_CONFIG_ROUTES,
  ...PRICING_OVERRIDE_ROUTES,
  ...PRICEBOOK_ROUTES,
  ...LIMIT_ROUTES,
  ...BUDGET_ROUTES,
  ...ALERT_ROUTES,
  ...EVENT_ROUTES,
  ...EXPORT_ROUTES,
  ...ANALYTICS_ROUTES,
  ...ENTITY_ROUTES,
  ...COST_ROUTES,
  ...AI_ROUTES,
  ...HEALTH_ROUTES,
  ...CONFIG_ROUTES,
  ...API_KEY_ROUTES,
  ...AUDIT_ROUTES,
  ...AUTH_ROUTES,
  ...ME_ROUTES,
  ...SSO_ROUTES,
  ...SERVICE_CREDENTIAL_ROUTES,
  ...AGENT_CREDENTIAL_ROUTES,
  ...WEBHOOK_ROUTES,
]
