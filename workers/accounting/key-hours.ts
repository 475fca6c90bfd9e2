import type { Booked, HourReading, Sums } from '../db/read-hour.ts'
import type { KeyHour } from './compare-key-hour.ts'

const NOTHING: Sums = { events: 0, cost_nano: 0, input_tokens: 0, output_tokens: 0 }

function plus(a: Sums, b: Sums): Sums {
  return {
    events: a.events + b.events,
    cost_nano: a.cost_nano + b.cost_nano,
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
  }
}

function correctedIn(booked: Booked | undefined): KeyHour['corrected'] {
  return {
    events: booked?.missing_events ?? 0,
    cost_nano: booked?.correction_cost_nano ?? 0,
    input_tokens: booked?.correction_input_tokens ?? 0,
    output_tokens: booked?.correction_output_tokens ?? 0,
    revision: booked?.revision ?? 0,
  }
}

const byKey = <T extends { virtual_key_id: string }>(rows: T[]) => Map.groupBy(rows, row => row.virtual_key_id)

/** A tenant's hour, taken apart by key: what all meters of a key say is added up. */
export function keyHoursOf(reading: HourReading): [keyId: string, hour: KeyHour][] {
  const stated = byKey(reading.stated)
  const booked = byKey(reading.booked)
  const rolledUp = byKey(reading.rolledUp)
  const [gaps, known] = [byKey(reading.gaps), byKey(reading.known)]
  const keys = new Set([...stated.keys(), ...booked.keys(), ...rolledUp.keys()])
  return [...keys].map(keyId => {
    const [events] = booked.get(keyId) ?? []
    const [sums = NOTHING] = rolledUp.get(keyId) ?? []
    const hour = {
      stated: stated.get(keyId)?.reduce<Sums>(plus, NOTHING),
      booked: events ?? NOTHING,
      corrected: correctedIn(events),
      rolledUp: reading.isNotSummed ? undefined : sums,
      gaps: gaps.get(keyId) ?? [],
      known: known.get(keyId) ?? [],
    }
    return [keyId, hour]
  })
}
