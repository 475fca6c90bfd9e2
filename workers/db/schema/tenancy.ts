import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Plan } from '../../core/access/plan.ts'
import type { Role } from '../../core/access/role.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { StoredSettings } from '../../core/access/tenant-settings.ts'

/** An organisation. Every other row but a dead letter belongs to one. */
export const tenant = sqliteTable('tenant', {
  id: text().$type<TenantId>().primaryKey(),
  name: text().notNull(),
  createdMs: integer('created_ms').notNull(),
  /** `null`: the deployment's default. */
  plan: text().$type<Plan>(),
  /** Where a browser may call from in the tenant's name; `null`: nowhere. */
  allowedOrigins: text('allowed_origins', { mode: 'json' }).$type<string[]>(),
  /** What it calls itself; `null`: by its name, which is the operator's word for it. */
  displayName: text('display_name'),
  settings: text({ mode: 'json' }).$type<StoredSettings>().notNull(),
  /** `null`: it is not suspended. */
  suspendedMs: integer('suspended_ms'),
  updatedMs: integer('updated_ms'),
  version: integer().notNull(),
  /** Which database its events are in: the number of its binding, 0 for the one that this row is in. */
  shard: integer().notNull(),
})

/** Who may become a member, once, with the token of this hash. */
export const invitation = sqliteTable(
  'invitation',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    email: text().notNull(),
    role: text().$type<Role>().notNull(),
    tokenHash: text('token_hash').notNull(),
    /** Who invited: `KIND:ID`. */
    createdBy: text('created_by').notNull(),
    createdMs: integer('created_ms').notNull(),
    expiresMs: integer('expires_ms').notNull(),
    acceptedMs: integer('accepted_ms'),
    revokedMs: integer('revoked_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** How a tenant's pages look. */
export const branding = sqliteTable('branding', {
  tenantId: text('tenant_id').$type<TenantId>().primaryKey(),
  logoUrl: text('logo_url'),
  primaryColor: text('primary_color'),
  accentColor: text('accent_color'),
  backgroundColor: text('background_color'),
  customDomain: text('custom_domain'),
  updatedMs: integer('updated_ms').notNull(),
  version: integer().notNull(),
})

/** A switch that is on for all, for some roles, or for a part of those who look. */
export const featureFlag = sqliteTable(
  'feature_flag',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    isEnabled: integer('is_enabled', { mode: 'boolean' }).notNull(),
    percentage: integer().notNull(),
    /** `null`: of any role. */
    roles: text({ mode: 'json' }).$type<Role[]>(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    version: integer().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.name] })],
)

/** One row once the deployment has its first tenant. */
export const setupState = sqliteTable('setup_state', {
  id: integer().primaryKey(),
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  doneMs: integer('done_ms').notNull(),
})

/** What a user is in a tenant. Only `active` ones are let in. */
export const member = sqliteTable(
  'member',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    userId: text('user_id').notNull(),
    role: text().$type<Role>().notNull(),
    status: text().$type<'active' | 'suspended'>().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    version: integer().notNull(),
    /** What it is called here; `null`: it never said. */
    name: text(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** A person. `passwordHash` is a whole scrypt record; `null`: no sign-in by password. */
export const user = sqliteTable('user', {
  id: text().primaryKey(),
  /** Normalised. */
  email: text().notNull(),
  name: text().notNull(),
  passwordHash: text('password_hash'),
  disabledMs: integer('disabled_ms'),
  createdMs: integer('created_ms').notNull(),
  updatedMs: integer('updated_ms').notNull(),
})
