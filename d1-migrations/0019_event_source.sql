-- Events that did not pass through the gateway, and that no meter has counted.
ALTER TABLE usage_event ADD COLUMN source TEXT NOT NULL DEFAULT 'gateway' CHECK (source IN ('gateway', 'reported'));
