-- What an event was charged for, kept with it: prices change, and a charge has to be explained by those it was made at. NULL for
-- events from before, and where nothing was reckoned.
ALTER TABLE usage_event ADD COLUMN service_tier TEXT;
ALTER TABLE usage_event ADD COLUMN cost_detail TEXT CHECK (json_type(cost_detail) = 'object');
