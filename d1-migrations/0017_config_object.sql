-- What a configuration file last made of an object: the hash of the object as the file declared it, written in the transaction of the
-- change itself. An object without a row was made by hand; one that no longer looks like its hash was changed by hand since.
CREATE TABLE config_object (
  tenant_id TEXT NOT NULL REFERENCES tenant (id),
  kind TEXT NOT NULL CHECK (kind <> ''),
  object_id TEXT NOT NULL CHECK (object_id <> ''),
  config_hash TEXT NOT NULL CHECK (length(config_hash) = 64),
  applied_ms INTEGER NOT NULL CHECK (applied_ms >= 0),
  PRIMARY KEY (tenant_id, kind, object_id)
) STRICT, WITHOUT ROWID;
