import type { Charge, Hold } from '../../workers/core/quota/state.ts'

type Packed = [
  limitId: string,
  scope: string | null,
  unit: Charge['unit'],
  startMs: number,
  endMs: number,
  amount: number,
]

// Names written once for each of a dozen charges are most of a hold's text. An older Weir wrote them.
type Kept = Omit<Hold, 'charges'> & { charges: (Packed | Charge)[] }

function pack({ limitId, scope, unit, startMs, endMs, amount }: Charge): Packed {
  return [limitId, scope ?? null, unit, startMs, endMs, amount]
}

function unpack(packed: Packed | Charge): Charge {
  if (!Array.isArray(packed)) return packed
  const [limitId, scope, unit, startMs, endMs, amount] = packed
  return { limitId, ...(scope !== null && { scope }), unit, startMs, endMs, amount }
}

/** A hold as it is written into its row. */
export function holdBody(hold: Hold): string {
  const kept: Kept = { ...hold, charges: hold.charges.map(pack) }
  return JSON.stringify(kept)
}

/** The hold that is in a row, which knows its deadline better. */
export function readHold(body: string, deadlineMs: number): Hold {
  const { charges, ...rest }: Kept = JSON.parse(body)
  return { ...rest, charges: charges.map(unpack), deadlineMs }
}
