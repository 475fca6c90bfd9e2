-- Who may use the management API, and what they did. Instants are UTC epoch milliseconds (_ms).

-- A key of the management API that a tenant made itself. Its text is stored nowhere.
CREATE TABLE api_key (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  prefix TEXT NOT NULL CHECK (prefix <> ''),
  key_hash TEXT NOT NULL CHECK (key_hash <> ''),
  role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'finance', 'developer', 'auditor', 'agent')),
  scopes TEXT NOT NULL CHECK (json_type(scopes) = 'array'),
  created_by TEXT NOT NULL,
  expires_ms INTEGER CHECK (expires_ms >= 0),
  last_used_ms INTEGER CHECK (last_used_ms >= 0),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  revoked_ms INTEGER CHECK (revoked_ms >= created_ms),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- The id begins with the instant, so a range of time is a range of the primary key. `before` and `after` are stored rows
-- under their names here, without secrets; NULL where there was nothing, or is nothing any more.
CREATE TABLE audit_event (
  tenant_id TEXT NOT NULL CHECK (tenant_id <> ''),
  id TEXT NOT NULL CHECK (id GLOB 'aud_*'),
  at_ms INTEGER NOT NULL CHECK (at_ms >= 0),
  actor_kind TEXT NOT NULL CHECK (actor_kind <> ''),
  actor_id TEXT NOT NULL,
  action TEXT NOT NULL CHECK (action GLOB '?*.?*'),
  resource_type TEXT NOT NULL CHECK (resource_type <> ''),
  resource_id TEXT NOT NULL,
  before TEXT CHECK (json_valid(before)),
  after TEXT CHECK (json_valid(after)),
  request_id TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_event_never_changes BEFORE UPDATE ON audit_event
BEGIN
  SELECT RAISE(ABORT, 'audit_event is append-only');
END;

CREATE TRIGGER audit_event_never_goes BEFORE DELETE ON audit_event
BEGIN
  SELECT RAISE(ABORT, 'audit_event is append-only');
END;

-- NULL: the deployment's default.
ALTER TABLE tenant ADD COLUMN plan TEXT CHECK (plan IN ('free', 'growth', 'scale', 'enterprise'));

-- What was answered to a creation that named an Idempotency-Key, without secrets. `status` is NULL while it is being made.
CREATE TABLE idempotent_answer (
  tenant_id TEXT NOT NULL CHECK (tenant_id <> ''),
  operation TEXT NOT NULL,
  key TEXT NOT NULL CHECK (key <> ''),
  fingerprint TEXT NOT NULL,
  claim TEXT NOT NULL,
  status INTEGER CHECK (status BETWEEN 200 AND 599),
  content_type TEXT,
  body TEXT,
  expires_ms INTEGER NOT NULL CHECK (expires_ms >= 0),
  PRIMARY KEY (tenant_id, operation, key),
  CHECK ((status IS NULL) = (body IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotent_answer_by_expiry ON idempotent_answer (tenant_id, expires_ms);

-- Where a browser may call the management API from, in the name of the tenant. NULL: nowhere.
ALTER TABLE tenant ADD COLUMN allowed_origins TEXT CHECK (json_type(allowed_origins) = 'array');
