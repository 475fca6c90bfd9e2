-- What a tenant says that models cost, version by version; each is in force until another one is. `entries` is as it was said, in
-- dollars; `rates` the same in whole pico-dollars (PricebookEntry of workers/core/pricing/tenant-pricebook.ts), as snapshots have
-- it. A retired one was over for so long that no request can be priced by it any more: snapshots do without it.
CREATE TABLE pricebook_version (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  number INTEGER NOT NULL CHECK (number >= 1),
  id TEXT NOT NULL CHECK (length(id) = 36),
  note TEXT NOT NULL,
  effective_ms INTEGER NOT NULL CHECK (effective_ms >= created_ms),
  entries TEXT NOT NULL CHECK (json_type(entries) = 'array'),
  rates TEXT NOT NULL CHECK (json_type(rates) = 'array'),
  is_retired INTEGER NOT NULL CHECK (is_retired IN (0, 1)),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  PRIMARY KEY (tenant_id, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX pricebook_version_by_id ON pricebook_version (tenant_id, id);
