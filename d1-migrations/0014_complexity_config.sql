-- By what a tenant's requests are told to be simple or complex, for rules that ask (workers/core/rules/complexity.ts). A `body` that
-- is NULL says nothing: the defaults hold. The row stays, so that its version goes on growing.
CREATE TABLE complexity_config (
  tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenant (id),
  body TEXT CHECK (json_type(body) = 'object'),
  version INTEGER NOT NULL CHECK (version >= 1),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0)
) STRICT, WITHOUT ROWID;
