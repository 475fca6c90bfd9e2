const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?$/i

/** An instant in UTC epoch milliseconds, and how exactly it was written. */
export type IsoTime = { ms: number; isDate: boolean; hasSeconds: boolean; hasZone: boolean }

function offsetMinutes(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))
  return zone.startsWith('-') ? -minutes : minutes
}

/** Reads an ISO 8601 date or date-time, as UTC where no zone is given; `undefined` for any other text and for no real time. */
export function parseIsoTime(text: string): IsoTime | undefined {
  const match = ISO.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match
  const local = `${year}-${month}-${day}T${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
  const localMs = Date.parse(local)
  // Engines roll the 30th of February over into March; only a real time comes back as it was written.
  if (Number.isNaN(localMs) || new Date(localMs).toISOString() !== local) return undefined
  const ms = localMs - offsetMinutes(zone ?? 'Z') * 60_000
  return { ms, isDate: hour === undefined, hasSeconds: second !== undefined, hasZone: zone !== undefined }
}
