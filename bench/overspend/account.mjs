// From what was sent, what the upstream billed and what the gateway booked: the figures of a case.
import { billedNano } from '../../test/support/price.mjs'

const sum = (list, pick) => list.reduce((total, one) => total + pick(one), 0)
// Of nothing, anything is all.
const share = (part, whole) => (whole > 0 ? part / whole : Number(part > 0))

function groupBy(list, nameOf) {
  const groups = {}
  for (const one of list) groups[nameOf(one)] = [...(groups[nameOf(one)] ?? []), one]
  return groups
}

/** Truth and book of one request id. Gateways that have no events are compared as a whole. */
function pairUp(trial, book) {
  const idOf = new Map(trial.calls.map(call => [call.name, call.requestId]))
  const billed = groupBy(trial.billed(), call => idOf.get(call.name))
  const booked = groupBy(book.events, event => event.requestId)
  const ids = new Set([...Object.keys(billed), ...Object.keys(booked)])
  return [...ids].map(id => ({
    trueNano: billedNano(billed[id] ?? []),
    bookedNano: sum(booked[id] ?? [], event => event.costNano),
    isGuess: (booked[id] ?? []).some(event => event.isGuess),
  }))
}

/** What is lost and what is made up, request by request: else one would hide the other. */
function compare(pairs) {
  const told = pairs.filter(pair => !pair.isGuess)
  const guessed = pairs.filter(pair => pair.isGuess)
  return {
    lostNano: sum(pairs, pair => Math.max(0, pair.trueNano - pair.bookedNano)),
    lostAsExactNano: sum(told, pair => Math.max(0, pair.trueNano - pair.bookedNano)),
    phantomNano: sum(told, pair => Math.max(0, pair.bookedNano - pair.trueNano)),
    guessedNano: sum(guessed, pair => pair.bookedNano),
    guessedTrueNano: sum(guessed, pair => pair.trueNano),
  }
}

function booksOf(trial, book, trueNano) {
  if (!book) return {}
  const found = compare(pairUp(trial, book))
  const bookedNano = sum(book.events, event => event.costNano)
  return {
    ...found,
    bookedNano,
    counterNano: book.counterNano,
    sharedCounterNano: book.sharedCounterNano,
    heldAfterNano: book.heldNano,
    lost: share(found.lostNano, trueNano),
    phantom: share(found.phantomNano, trueNano),
    guessed: share(found.guessedNano - found.guessedTrueNano, trueNano),
  }
}

/** A gateway that does not say why it refuses cannot be shown to be wrong, but its caution can be counted. */
function countRefusals(refused, falseRefusals, hasWindows) {
  const isTold = refused.every(({ refusal }) => refusal.told)
  const wrong = refused.filter(({ refusal }) => refusal.isFalse).length + falseRefusals
  const avoidable = hasWindows ? undefined : refused.filter(({ refusal }) => refusal.isAvoidable).length
  return { refused: refused.length, avoidable, falseRefusals: isTold ? wrong : undefined }
}

/** All figures of one case. `limitNano` and `overspendNano` where the case itself knows better than the sum. */
export function figuresOf(trial, book, { limitNano = trial.limitNano, overspendNano, notes = [], falseRefusals = 0 }) {
  const trueNano = billedNano(trial.billed())
  const refused = trial.calls.filter(call => call.refusal)
  const admitted = trial.calls.filter(call => call.status === 200)
  return {
    limitNano,
    requests: trial.calls.length,
    admitted: admitted.length,
    ...countRefusals(refused, falseRefusals, trial.hasWindows),
    failed: trial.calls.length - admitted.length - refused.length,
    reached: trial.billed().length,
    trueNano,
    overspend: share(overspendNano ?? Math.max(0, trueNano - limitNano), limitNano),
    left: share(Math.max(0, limitNano - trueNano), limitNano),
    ...booksOf(trial, book, trueNano),
    notes,
  }
}
