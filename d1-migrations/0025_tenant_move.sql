-- A tenant whose events are being moved from one database to another, in the database of what is configured. `state`: `marking`
-- (nobody knows yet), `pausing` (what was begun before ends), `copying`, `settling` (its place is the new one; who remembers the
-- old one forgets it), `emptying` (what came meanwhile is moved, and the old place emptied). `table_no` and `after`: the row that
-- was copied last. `since_ms`: since when it is in that state.
CREATE TABLE tenant_move (
  tenant_id TEXT PRIMARY KEY REFERENCES tenant (id),
  source INTEGER NOT NULL CHECK (source >= 0),
  target INTEGER NOT NULL CHECK (target >= 0 AND target <> source),
  state TEXT NOT NULL CHECK (state IN ('marking', 'pausing', 'copying', 'settling', 'emptying')),
  since_ms INTEGER NOT NULL CHECK (since_ms >= 0),
  table_no INTEGER NOT NULL CHECK (table_no >= 0),
  after TEXT NOT NULL,
  copied INTEGER NOT NULL CHECK (copied >= 0),
  moved INTEGER NOT NULL CHECK (moved >= 0),
  lease_owner TEXT NOT NULL,
  lease_until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The same tenants, where events are: sums, comparisons and the archive leave them alone until they are where they belong.
CREATE TABLE moving_tenant (
  tenant_id TEXT PRIMARY KEY CHECK (tenant_id <> '')
) STRICT, WITHOUT ROWID;
