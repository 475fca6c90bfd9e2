/** What came of a task: how much of what there was to do is done, and how much failed. */
export type Counts = { done: number; failed: number }

/** Does all of these one after the other, whatever becomes of each. */
export async function countInTurn<T>(all: readonly T[], isDone: (one: T) => Promise<boolean>): Promise<Counts> {
  let done = 0
  for (const one of all) if (await isDone(one)) done += 1
  return { done, failed: all.length - done }
}

/** Does all of these at once. */
export async function countAtOnce<T>(all: readonly T[], isDone: (one: T) => Promise<boolean>): Promise<Counts> {
  const results = await Promise.all(all.map(isDone))
  const done = results.filter(Boolean).length
  return { done, failed: all.length - done }
}
