// The events in the order in which they come: hour by hour, then what is late and what is revised.
import { drawEvent } from './draw-event.mjs'
import { writeDown } from './ledger.mjs'
import { randomFrom, shareOut, zipfShares } from './random.mjs'

const HOUR_MS = 3_600_000
const MAX_ROWS = 100
const MAX_CHARS = 40_000
const LATE_SHARE = 0.01
const REVISED_SHARE = 0.01
const NIGHT = 0.25
const WEEKEND = 0.45

/** How busy an hour is, in UTC: a day's wave, lower on Saturdays and Sundays. */
function weightOf(hourMs) {
  const at = new Date(hourMs)
  const ofDay = NIGHT + (1 - NIGHT) * Math.max(0, Math.sin(((at.getUTCHours() - 5) / 16) * Math.PI))
  return at.getUTCDay() % 6 === 0 ? ofDay * WEEKEND : ofDay
}

/** Packs rows of one meter as the meter does: as many as fit into a message. */
class Packer {
  #open = new Map()
  #seqs = new Map()

  add({ tenantId, keyId }, event) {
    const id = `${tenantId}/${keyId}`
    const seq = (this.#seqs.get(id) ?? 0) + 1
    this.#seqs.set(id, seq)
    const message = this.#open.get(id) ?? { meter: { tenantId, keyId }, rows: [], chars: 0 }
    this.#open.set(id, message)
    message.chars += JSON.stringify(event).length
    message.rows.push({ seq, event })
    return message.chars > MAX_CHARS || message.rows.length === MAX_ROWS ? this.#close(id) : []
  }

  #close(id) {
    const { meter, rows } = this.#open.get(id)
    this.#open.delete(id)
    return [{ v: 1, meter, rows }]
  }

  flush() {
    return [...this.#open.keys()].flatMap(id => this.#close(id))
  }
}

// A call whose end was lost is charged at its hold first, and made true by a later revision.
function assumed(event) {
  const draft = { ...event, outcome: 'assumed', success: true, http_status: null, cost_nano: event.held_nano }
  return { ...draft, input_tokens: 0, output_tokens: 0, cost_detail: null }
}

function fateOf(random) {
  const at = random()
  if (at < LATE_SHARE) return 'late'
  return at < LATE_SHARE + REVISED_SHARE ? 'revised' : 'plain'
}

function timesIn(random, hourMs, count) {
  return Array.from({ length: count }, () => hourMs + Math.floor(random() * HOUR_MS)).sort((a, b) => a - b)
}

/** Opens the events of tenants over days: `first` and `after` are generators of messages, to be used in this order. */
export function openWaves({ tenants, events, days, endMs, seed }, ledger) {
  const random = randomFrom(seed)
  const packer = new Packer()
  const hours = Array.from({ length: days * 24 }, (_, index) => endMs - (days * 24 - index) * HOUR_MS)
  const ofTenant = shareOut(events, zipfShares(tenants.length)).map(total => shareOut(total, hours.map(weightOf)))
  const later = []

  // What is sent of an event at once; the rest of it comes later.
  function draw(tenant, atMs) {
    const { tenantId, keyIds } = tenants[tenant]
    const { event, picked } = drawEvent(random, { tenantId, keyIds, atMs })
    const fate = fateOf(random)
    const inEnd = fate === 'revised' ? { ...event, revision: 2 } : event
    writeDown(ledger, { tenant, atMs, picked, event: inEnd })
    if (fate !== 'plain') later.push(inEnd)
    if (fate === 'late') return undefined
    return fate === 'revised' ? assumed(event) : event
  }

  function* hourOf(tenant, index) {
    const { tenantId } = tenants[tenant]
    for (const atMs of timesIn(random, hours[index], ofTenant[tenant][index])) {
      const event = draw(tenant, atMs)
      if (event) yield* packer.add({ tenantId, keyId: event.virtual_key_id }, event)
    }
  }

  function* first() {
    for (let index = 0; index < hours.length; index++) {
      for (let tenant = 0; tenant < tenants.length; tenant++) yield* hourOf(tenant, index)
      yield* packer.flush()
    }
  }

  function* after() {
    for (const event of later) {
      yield* packer.add({ tenantId: event.tenant_id, keyId: event.virtual_key_id }, event)
    }
    yield* packer.flush()
  }

  return { first, after }
}
