-- Where a tenant wants to be told of what happens. What a change of the configuration writes has a version; what deliveries
-- note of the endpoint (failures in a row, and since when; that it is paused, and why) makes no new one.
CREATE TABLE webhook (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  id TEXT NOT NULL CHECK (length(id) = 36),
  url TEXT NOT NULL CHECK (url GLOB 'http*://?*'),
  events TEXT NOT NULL CHECK (json_array_length(events) > 0),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  secret_sealed TEXT NOT NULL CHECK (secret_sealed GLOB 'v1.?*'),
  previous_sealed TEXT CHECK (previous_sealed GLOB 'v1.?*'),
  previous_until_ms INTEGER CHECK ((previous_until_ms IS NULL) = (previous_sealed IS NULL)),
  failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
  failing_since_ms INTEGER,
  paused_ms INTEGER,
  pause_reason TEXT CHECK ((pause_reason IS NULL) = (paused_ms IS NULL)),
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  updated_ms INTEGER NOT NULL CHECK (updated_ms >= 0),
  PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- What a webhook is to be told, and what became of it: outbox and log in one. Written in the transaction of what it tells of;
-- one row for each webhook and event, however often that is told. `log` has an entry for each try. `next_ms`: when to try
-- next, while it is pending.
CREATE TABLE webhook_delivery (
  tenant_id TEXT NOT NULL CHECK (tenant_id <> ''),
  webhook_id TEXT NOT NULL CHECK (length(webhook_id) = 36),
  event_id TEXT NOT NULL CHECK (event_id GLOB 'whe_?*'),
  event_type TEXT NOT NULL CHECK (event_type <> ''),
  payload TEXT NOT NULL CHECK (json_type(payload) = 'object'),
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  tries INTEGER NOT NULL CHECK (tries >= 0),
  next_ms INTEGER CHECK ((next_ms IS NOT NULL) = (status = 'pending')),
  log TEXT NOT NULL CHECK (json_type(log) = 'array'),
  created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
  ended_ms INTEGER CHECK ((ended_ms IS NULL) = (status = 'pending')),
  PRIMARY KEY (tenant_id, webhook_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_delivery_to_send ON webhook_delivery (tenant_id, webhook_id, next_ms) WHERE status = 'pending';
CREATE INDEX webhook_delivery_due ON webhook_delivery (next_ms) WHERE status = 'pending';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_ms) WHERE status <> 'pending';
