-- A tenant's MCP servers, which the governance API calls clients. `name` is what stands before the hyphen of a tool's name, and
-- two that differ in case alone would be taken for each other. `headers`: each with its value under WEIR_SECRET, or the
-- name of a variable of the deployment, and how that is shown; never a secret as it is. `found_tools` is what the server said
-- that it has, the last time that it was asked.
CREATE TABLE mcp_client (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL COLLATE NOCASE CHECK (name <> '' AND name NOT GLOB '*[^A-Za-z0-9_]*'),
  transport TEXT NOT NULL CHECK (transport IN ('http', 'sse')),
  url TEXT NOT NULL CHECK (url <> ''),
  headers TEXT NOT NULL CHECK (json_type(headers) = 'array'),
  tools TEXT NOT NULL CHECK (json_type(tools) = 'array'),
  allow_on_all_keys INTEGER NOT NULL CHECK (allow_on_all_keys IN (0, 1)),
  is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
  timeout_ms INTEGER CHECK (timeout_ms > 0),
  found_tools TEXT CHECK (json_type(found_tools) = 'array'),
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX mcp_client_by_name ON mcp_client (tenant_id, name);

-- Which tools of which servers a key may use: [{"id", "clientId", "tools"}]. None, unless it says so.
ALTER TABLE virtual_key ADD COLUMN mcp_configs TEXT NOT NULL DEFAULT '[]' CHECK (json_type(mcp_configs) = 'array');
