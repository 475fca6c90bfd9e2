-- Where requests are sent instead, by rules in CEL (workers/core/rules). `scope_id` is empty where the scope is `global`, so that
-- priorities and names are unique there too.
CREATE TABLE routing_rule (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  description TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  expression TEXT NOT NULL,
  targets TEXT NOT NULL CHECK (json_type(targets) = 'array'),
  fallbacks TEXT NOT NULL CHECK (json_type(fallbacks) = 'array'),
  query TEXT CHECK (json_valid(query)),
  scope TEXT NOT NULL CHECK (scope IN ('virtual_key', 'team', 'customer', 'global')),
  scope_id TEXT NOT NULL CHECK ((scope = 'global') = (scope_id = '')),
  chain_rule INTEGER NOT NULL CHECK (chain_rule IN (0, 1)),
  priority INTEGER NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX routing_rule_by_priority ON routing_rule (tenant_id, scope, scope_id, priority);
CREATE UNIQUE INDEX routing_rule_by_name ON routing_rule (tenant_id, scope, scope_id, name);
