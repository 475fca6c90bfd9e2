import type { RecordedEvent } from '../../core/usage.ts'

const later = (one: RecordedEvent, other: RecordedEvent) => (one.revision < other.revision ? other : one)

/**
 * Events of D1 and of the archive, both in the order of their ids, as one. Of an event that is in both there is one, in its latest
 * revision.
 */
export async function* mergeEvents(
  hot: readonly RecordedEvent[],
  archived: AsyncGenerator<RecordedEvent>,
): AsyncGenerator<RecordedEvent> {
  let next = 0
  for await (const event of archived) {
    for (let one = hot[next]; one && one.id < event.id; one = hot[++next]) yield one
    const same = hot[next]?.id === event.id ? hot[next++] : undefined
    yield same ? later(same, event) : event
  }
  yield* hot.slice(next)
}
