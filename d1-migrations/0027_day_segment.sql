-- Days whose events are in R2 a second time, in columns that can be added up (workers/core/segment). `due` is 0 where they are those
-- of the day's hours, as long as none of these is dirty; 1 where they are to be written; any other number is of whoever writes them.
-- `events`: how many they are of. `objects`: where each part is, and its columns in it; none where the day cannot be told so. `writing`: objects that are not needed
-- unless who writes them comes to an end.
CREATE TABLE day_segment (
  tenant_id TEXT NOT NULL,
  day_ms INTEGER NOT NULL CHECK (day_ms % 86400000 = 0),
  due INTEGER NOT NULL,
  format INTEGER NOT NULL,
  events INTEGER NOT NULL CHECK (events >= 0),
  objects TEXT NOT NULL CHECK (json_type(objects) = 'array'),
  writing TEXT NOT NULL CHECK (json_type(writing) = 'array'),
  PRIMARY KEY (tenant_id, day_ms)
) STRICT, WITHOUT ROWID;

-- Holds only days that wait.
CREATE INDEX day_segment_due ON day_segment (day_ms, tenant_id) WHERE due <> 0;

INSERT INTO day_segment (tenant_id, day_ms, due, format, events, objects, writing)
SELECT tenant_id, day_ms, 1, 0, 0, '[]', '[]' FROM rolled_day AS day
WHERE NOT EXISTS (SELECT 1 FROM event_archive AS f WHERE f.tenant_id = day.tenant_id AND f.day_ms = day.day_ms);
