/** A question that only events can answer, of a time whose events are in the archive. */
export class EventsArchived extends Error {
  constructor() {
    super('events that this asks for are in the archive, and no sum tells them apart so')
    this.name = 'EventsArchived'
  }
}
