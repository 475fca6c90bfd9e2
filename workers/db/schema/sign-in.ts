import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Role } from '../../core/access/role.ts'
import type { Scope } from '../../core/access/scope.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { KeySet, SsoAlgorithm } from '../../core/sign-in/key-set.ts'

/** A key of the management API. `keyHash` is the base64url SHA-256 of its text; a revoked one keeps its row. */
export const adminKey = sqliteTable('admin_key', {
  id: text().primaryKey(),
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  name: text().notNull(),
  keyHash: text('key_hash').notNull(),
  role: text().notNull(),
  createdMs: integer('created_ms').notNull(),
  revokedMs: integer('revoked_ms'),
})

/** A key of the management API that a tenant made itself; `keyHash` as in `adminKey`. A revoked one keeps its row. */
export const apiKey = sqliteTable(
  'api_key',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    /** The beginning of its text, to be told by. */
    prefix: text().notNull(),
    keyHash: text('key_hash').notNull(),
    role: text().$type<Role>().notNull(),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Who made it: `KIND:ID`. */
    createdBy: text('created_by').notNull(),
    expiresMs: integer('expires_ms'),
    /** True to a minute. */
    lastUsedMs: integer('last_used_ms'),
    createdMs: integer('created_ms').notNull(),
    revokedMs: integer('revoked_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** A refresh token by its hash. All that came from one sign-in are a family, of which one is not used yet. */
export const refreshToken = sqliteTable(
  'refresh_token',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    tokenHash: text('token_hash').notNull(),
    familyId: text('family_id').notNull(),
    userId: text('user_id').notNull(),
    createdMs: integer('created_ms').notNull(),
    expiresMs: integer('expires_ms').notNull(),
    usedMs: integer('used_ms'),
    revokedMs: integer('revoked_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.tokenHash] })],
)

/** An issuer whose JWTs a tenant lets in, and the keys that its address last answered. */
export const ssoProvider = sqliteTable(
  'sso_provider',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    issuer: text().notNull(),
    audience: text().notNull(),
    /** `null`: the issuer's discovery document names it. */
    jwksUri: text('jwks_uri'),
    algorithms: text({ mode: 'json' }).$type<SsoAlgorithm[]>().notNull(),
    emailClaim: text('email_claim').notNull(),
    roleClaim: text('role_claim'),
    roleMapping: text('role_mapping', { mode: 'json' }).$type<Record<string, Role>>().notNull(),
    defaultRole: text('default_role').$type<Role>(),
    /** Whether whoever it vouches for becomes a member. */
    makesMembers: integer('makes_members', { mode: 'boolean' }).notNull(),
    keySet: text('key_set', { mode: 'json' }).$type<KeySet>(),
    keySetMs: integer('key_set_ms'),
    askedMs: integer('asked_ms'),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    version: integer().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

const credentialColumns = {
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  id: text().notNull(),
  name: text().notNull(),
}

const sealedColumns = {
  scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
  /** Who made it: `KIND:ID`. */
  createdBy: text('created_by').notNull(),
  createdMs: integer('created_ms').notNull(),
  revokedMs: integer('revoked_ms'),
}

/** What a partner signs its JWTs with. A revoked one keeps its row. */
export const serviceCredential = sqliteTable(
  'service_credential',
  {
    ...credentialColumns,
    /** The `iss` of its tokens. */
    issuer: text().notNull(),
    secretSealed: text('secret_sealed').notNull(),
    role: text().$type<Role>().notNull(),
    ...sealedColumns,
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** What an agent signs its requests with. A revoked one keeps its row. */
export const agentCredential = sqliteTable(
  'agent_credential',
  { ...credentialColumns, secretSealed: text('secret_sealed').notNull(), ...sealedColumns },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)
