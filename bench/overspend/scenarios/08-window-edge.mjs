import { setTimeout as sleep } from 'node:timers/promises'
import { billedNano } from '../../../test/support/price.mjs'
import { sizeFor } from '../request.mjs'

const SENT = 200
const WINDOW_MS = 5000
const SPREAD_MS = 1200
const COVERED = 20

/**
 * What the two windows took beyond their limit. A request that was sent before the edge and arrived after it may be of
 * either, so it fills what either has left.
 */
function beyond(trial, edgeMs) {
  const sentAt = new Map(trial.calls.map(call => [call.name, call.sentAt]))
  const of = isIn => billedNano(trial.billed().filter(call => isIn(sentAt.get(call.name), call.arrivedAt)))
  const before = of((_sent, arrived) => arrived < edgeMs)
  const after = of(sent => sent >= edgeMs)
  const either = billedNano(trial.billed()) - before - after
  const over = nano => Math.max(0, nano - trial.limitNano)
  const room = nano => Math.max(0, trial.limitNano - nano)
  return { before, after, either, nano: over(before) + over(after) + Math.max(0, either - room(before) - room(after)) }
}

async function acrossTheEdge(bench) {
  const trial = await bench.open({ window: '5s' })
  trial.hasWindows = true
  const startMs = await bench.subject.windowStart(trial.keys[0])
  const edgeMs = startMs + WINDOW_MS * Math.ceil((Date.now() + SPREAD_MS - startMs) / WINDOW_MS)
  const count = bench.count(SENT)
  const size = sizeFor(bench.limitNano / COVERED)
  await sleep(edgeMs - SPREAD_MS / 2 - Date.now())
  const send = async index => {
    await sleep((index * SPREAD_MS) / count)
    return trial.send(size, { plan: { delayMs: 20 } })
  }
  await Promise.all(Array.from({ length: count }, (_, index) => send(index)))
  const { before, after, either, nano } = beyond(trial, edgeMs)
  const shares = [before, after, either].map(part => `${((100 * part) / bench.limitNano).toFixed(0)} %`)
  const notes = [`of one window's limit: ${shares[0]} before the edge, ${shares[1]} after it, ${shares[2]} across it`]
  // Both windows' limits may be spent; the counter has begun anew.
  const figures = await trial.close({ limitNano: 2 * bench.limitNano, overspendNano: nano, notes })
  return { ...figures, counterNano: undefined }
}

export const scenario = {
  number: 8,
  title: 'window edge',
  what: '200 requests over 1.2 s around the end of a window of 5 s whose budget covers 20. Each window is held to its own limit; the limit shown is that of both.',
  cases: () => [{ name: 'across a 5 s window', needs: 'windows', run: acrossTheEdge }],
}
