-- What a tenant's models cost, where that is not as the price lists have it. `patch` is what the tenant said, in dollars;
-- `rates` the same in whole pico-dollars (PricePatch of workers/core/pricing/price-override.ts), as snapshots have it.
CREATE TABLE pricing_override (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  name TEXT NOT NULL CHECK (name <> ''),
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('global', 'provider', 'provider_key', 'virtual_key',
    'virtual_key_provider', 'virtual_key_provider_key')),
  virtual_key_id TEXT CHECK ((virtual_key_id IS NOT NULL) = (scope_kind GLOB 'virtual_key*')),
  provider_id TEXT CHECK (provider_id = lower(provider_id)),
  provider_key_id TEXT,
  match_type TEXT NOT NULL CHECK (match_type IN ('exact', 'wildcard')),
  pattern TEXT NOT NULL CHECK (pattern <> ''),
  request_types TEXT NOT NULL CHECK (json_type(request_types) = 'array'),
  patch TEXT NOT NULL CHECK (json_type(patch) = 'object'),
  rates TEXT NOT NULL CHECK (json_type(rates) = 'object'),
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- A model, at one provider or at any, whose limits the governance API keeps. The limits are those of the scope.
CREATE TABLE model_config (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  model_name TEXT NOT NULL CHECK (model_name <> ''),
  provider TEXT CHECK (provider <> ''),
  scope TEXT NOT NULL CHECK (scope GLOB 'model:?*'),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX model_config_by_scope ON model_config (tenant_id, scope);
