-- Thresholds of limits that were reached: each once in a window, whoever tells of it and however often.
CREATE TABLE limit_alert (
  tenant_id TEXT NOT NULL CHECK (tenant_id <> ''),
  limit_id TEXT NOT NULL CHECK (limit_id <> ''),
  start_ms INTEGER NOT NULL,
  threshold INTEGER NOT NULL CHECK (threshold BETWEEN 1 AND 1000),
  scope TEXT NOT NULL,
  unit TEXT NOT NULL CHECK (unit IN ('nano_usd', 'tokens', 'requests', 'in_flight')),
  end_ms INTEGER NOT NULL CHECK (end_ms > start_ms),
  max INTEGER NOT NULL CHECK (max >= 0),
  used INTEGER NOT NULL CHECK (used >= 0),
  noticed_ms INTEGER NOT NULL CHECK (noticed_ms >= 0),
  PRIMARY KEY (tenant_id, limit_id, start_ms, threshold)
) STRICT, WITHOUT ROWID;

-- A list is newest first, over all of a tenant's limits.
CREATE INDEX limit_alert_by_time ON limit_alert (tenant_id, noticed_ms);
