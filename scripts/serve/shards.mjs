/** The names of the databases that events are in beside `DB`, as many as DB_SHARDS says. */
export function shardNames({ DB_SHARDS = '1' }) {
  const count = Number(DB_SHARDS)
  if (!Number.isInteger(count) || count < 1 || count > 100) throw new Error(`DB_SHARDS is not 1 to 100: ${DB_SHARDS}`)
  return Array.from({ length: count - 1 }, (_, index) => `DB_SHARD_${index + 1}`)
}

/** A Worker with a database bound under each of these names. */
export function withShards(worker, names) {
  const shards = Object.fromEntries(names.map(name => [name, { id: name }]))
  return { ...worker, d1Databases: { ...worker.d1Databases, ...shards } }
}
