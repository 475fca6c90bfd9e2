-- How people, services and agents sign in. Instants are UTC epoch milliseconds (_ms).

-- A person, in as many tenants as have them as a member. `email` is normalised. Without a hash: no sign-in by password.
CREATE TABLE user (
  id TEXT PRIMARY KEY CHECK (length(id) = 36),
  email TEXT NOT NULL UNIQUE CHECK (email = lower(email) AND email LIKE '_%@_%'),
  name TEXT NOT NULL,
  password_hash TEXT CHECK (password_hash <> ''),
  disabled_ms INTEGER CHECK (disabled_ms >= 0),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= created_ms)
) STRICT;

CREATE TABLE member (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  user_id TEXT NOT NULL REFERENCES user (id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'finance', 'developer', 'auditor', 'agent')),
  status TEXT NOT NULL CHECK (status IN ('active', 'suspended')),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= created_ms),
  version INTEGER NOT NULL CHECK (version > 0),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX member_of_user ON member (user_id, tenant_id);

-- All refresh tokens that came from one sign-in are a family; `session.create` of the audit trail is the first of them.
CREATE TABLE refresh_token (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  token_hash TEXT NOT NULL CHECK (token_hash <> ''),
  family_id TEXT NOT NULL CHECK (length(family_id) = 36),
  user_id TEXT NOT NULL REFERENCES user (id),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  expires_ms INTEGER NOT NULL CHECK (expires_ms > created_ms),
  used_ms INTEGER CHECK (used_ms >= 0),
  revoked_ms INTEGER CHECK (revoked_ms >= 0),
  PRIMARY KEY (tenant_id, token_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX refresh_token_by_family ON refresh_token (tenant_id, family_id);
CREATE INDEX refresh_token_by_user ON refresh_token (user_id);

-- Whose JWTs a tenant lets in. `key_set` is what its address last answered, `key_set_ms` when, and `asked_ms` when it was last
-- asked, with or without an answer.
CREATE TABLE sso_provider (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  issuer TEXT NOT NULL CHECK (issuer LIKE 'http%://_%'),
  audience TEXT NOT NULL CHECK (audience <> ''),
  jwks_uri TEXT CHECK (jwks_uri LIKE 'http%://_%'),
  algorithms TEXT NOT NULL CHECK (json_type(algorithms) = 'array'),
  email_claim TEXT NOT NULL CHECK (email_claim <> ''),
  role_claim TEXT CHECK (role_claim <> ''),
  role_mapping TEXT NOT NULL CHECK (json_type(role_mapping) = 'object'),
  default_role TEXT CHECK (default_role IN ('owner', 'admin', 'finance', 'developer', 'auditor', 'agent')),
  makes_members INTEGER NOT NULL CHECK (makes_members IN (0, 1)),
  key_set TEXT CHECK (json_type(key_set) = 'object'),
  key_set_ms INTEGER CHECK (key_set_ms >= 0),
  asked_ms INTEGER CHECK (asked_ms >= 0),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= created_ms),
  version INTEGER NOT NULL CHECK (version > 0),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (issuer, audience, tenant_id),
  CHECK ((key_set IS NULL) = (key_set_ms IS NULL))
) STRICT, WITHOUT ROWID;

-- What a partner signs its JWTs with. Sealed and not hashed: an HMAC is checked with the secret itself.
CREATE TABLE service_credential (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  issuer TEXT NOT NULL CHECK (issuer <> ''),
  secret_sealed TEXT NOT NULL CHECK (secret_sealed <> ''),
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'finance', 'developer', 'auditor', 'agent')),
  scopes TEXT NOT NULL CHECK (json_type(scopes) = 'array'),
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  revoked_ms INTEGER CHECK (revoked_ms >= created_ms),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- What an agent signs its requests with; sealed for the same reason.
CREATE TABLE agent_credential (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  secret_sealed TEXT NOT NULL CHECK (secret_sealed <> ''),
  scopes TEXT NOT NULL CHECK (json_type(scopes) = 'array'),
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  revoked_ms INTEGER CHECK (revoked_ms >= created_ms),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
