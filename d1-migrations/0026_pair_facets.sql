-- Sums of pairs of names, and of types of entities (workers/db/rollup/facets.ts). What was rolled up before has none of them, and says
-- so: until it is rolled up again, its events are read for what they would tell.
UPDATE rolled_hour SET missing = json_insert(missing, '$[#]', 'entity_type', '$[#]', 'team_feature', '$[#]', 'agent_team',
  '$[#]', 'agent_feature', '$[#]', 'team_key', '$[#]', 'feature_key', '$[#]', 'agent_key');
UPDATE rolled_day SET missing = json_insert(missing, '$[#]', 'entity_type', '$[#]', 'team_feature', '$[#]', 'agent_team',
  '$[#]', 'agent_feature', '$[#]', 'team_key', '$[#]', 'feature_key', '$[#]', 'agent_key');
