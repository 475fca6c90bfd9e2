-- A tenant's own accounts at providers, and their keys. An account and its keys are one thing with one version. A deleted
-- account keeps its row, without keys, so that its version goes on growing where its name is used again; a deleted key
-- keeps nothing.
CREATE TABLE provider_account (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  name TEXT NOT NULL CHECK (name <> '' AND name = lower(name) AND instr(name, '/') = 0),
  vendor TEXT NOT NULL CHECK (vendor <> ''),
  base_url TEXT CHECK (base_url <> ''),
  region TEXT CHECK (region <> ''),
  residency TEXT CHECK (residency <> ''),
  patience TEXT CHECK (json_type(patience) = 'object'),
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  deleted_ms INTEGER,
  PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

-- `sealed` is a secret under WEIR_SECRET, or the name of a variable of the deployment; never a secret as it is.
CREATE TABLE provider_key (
  tenant_id TEXT NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 36),
  account TEXT NOT NULL,
  name TEXT NOT NULL CHECK (name <> ''),
  weight REAL NOT NULL CHECK (weight >= 0),
  models TEXT NOT NULL CHECK (json_type(models) = 'array'),
  blacklisted_models TEXT NOT NULL CHECK (json_type(blacklisted_models) = 'array'),
  settings TEXT NOT NULL CHECK (json_type(settings) = 'object'),
  sealed TEXT NOT NULL CHECK (sealed GLOB 'v1.?*' OR sealed GLOB 'env.?*'),
  masked_value TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  rotated_ms INTEGER CHECK (rotated_ms >= 0),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, account) REFERENCES provider_account (tenant_id, name)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX provider_key_by_name ON provider_key (tenant_id, account, name);
