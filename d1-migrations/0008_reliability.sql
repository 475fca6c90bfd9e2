-- What is done for a key where a provider fails or is slow (ReliabilityInput of workers/contracts/reliability.ts); NULL: the defaults.
ALTER TABLE virtual_key ADD COLUMN reliability TEXT CHECK (json_type(reliability) = 'object');
