/**
 * A list as it is answered: with `from_memory=true` an object of its rows by their ids, as Bifrost has them in memory (contract 1.0).
 * What is shown is the same: always what is in force.
 */
export function listedBy<T extends { id: string }>(query: Record<string, string>, rows: T[]): T[] | Record<string, T> {
  return query.from_memory === 'true' ? Object.fromEntries(rows.map(row => [row.id, row])) : rows
}
