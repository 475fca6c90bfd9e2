-- What a tenant sets for itself, whom it invites, and whether the deployment is set up. Instants are UTC epoch milliseconds (_ms).

-- What it calls itself. NULL: by `name`, which is the operator's word for it and the only one that is unique.
ALTER TABLE tenant ADD COLUMN display_name TEXT CHECK (display_name <> '');
-- Only what differs from the defaults (workers/core/access/tenant-settings.ts).
ALTER TABLE tenant ADD COLUMN settings TEXT NOT NULL DEFAULT '{}' CHECK (json_type(settings) = 'object');
-- Since when nobody may act in its name. NULL: everybody may who may.
ALTER TABLE tenant ADD COLUMN suspended_ms INTEGER CHECK (suspended_ms >= 0);
ALTER TABLE tenant ADD COLUMN updated_ms INTEGER CHECK (updated_ms >= created_ms);
-- NOT NULL for a reason: a stale writer sets it to NULL, and its whole batch fails (workers/db/save-tenant.ts).
ALTER TABLE tenant ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1);

-- What a member is called in this tenant, as it said there. A name that was said elsewhere is not told here.
ALTER TABLE member ADD COLUMN name TEXT CHECK (name <> '');

-- Who may become a member with this token, once. `email` is normalised; the token is stored as its hash alone.
CREATE TABLE invitation (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  email TEXT NOT NULL CHECK (email = lower(email) AND email LIKE '_%@_%'),
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'finance', 'developer', 'auditor', 'agent')),
  token_hash TEXT NOT NULL CHECK (token_hash <> ''),
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  expires_ms INTEGER NOT NULL CHECK (expires_ms > created_ms),
  accepted_ms INTEGER CHECK (accepted_ms >= created_ms),
  revoked_ms INTEGER CHECK (revoked_ms >= created_ms),
  PRIMARY KEY (tenant_id, id),
  CHECK (accepted_ms IS NULL OR revoked_ms IS NULL)
) STRICT, WITHOUT ROWID;

-- Of the invitations of an address one is open: a new one revokes the old.
CREATE UNIQUE INDEX invitation_open ON invitation (tenant_id, email) WHERE accepted_ms IS NULL AND revoked_ms IS NULL;

-- How a tenant's pages look.
CREATE TABLE branding (
  tenant_id TEXT PRIMARY KEY REFERENCES tenant (id),
  logo_url TEXT CHECK (logo_url LIKE 'https://_%'),
  primary_color TEXT CHECK (primary_color GLOB '#[0-9a-f]*'),
  accent_color TEXT CHECK (accent_color GLOB '#[0-9a-f]*'),
  background_color TEXT CHECK (background_color GLOB '#[0-9a-f]*'),
  custom_domain TEXT CHECK (custom_domain = lower(custom_domain)),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  version INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

-- A switch that is on for all, for some roles, or for a part of those who look. `roles` NULL: of any role.
CREATE TABLE feature_flag (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL CHECK (name <> ''),
  description TEXT NOT NULL,
  is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
  percentage INTEGER NOT NULL CHECK (percentage BETWEEN 0 AND 100),
  roles TEXT CHECK (json_type(roles) = 'array'),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= created_ms),
  version INTEGER NOT NULL CHECK (version >= 1),
  PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

-- One row once the deployment has its first tenant: POST /v1/setup then answers no more.
CREATE TABLE setup_state (
  id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  done_ms INTEGER NOT NULL CHECK (done_ms >= 0)
) STRICT;

INSERT INTO setup_state (id, tenant_id, done_ms) SELECT 1, id, created_ms FROM tenant ORDER BY created_ms, id LIMIT 1;
