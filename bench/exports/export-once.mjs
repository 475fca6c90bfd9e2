import { costIn, fingerprint } from './download.mjs'
import { endLeases } from './fill.mjs'

const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
const GIVE_UP_MS = 600_000

async function ask(weir, [method, path, body]) {
  const headers = { authorization: `Bearer ${weir.adminKey}`, 'content-type': 'application/json' }
  const response = await fetch(weir.baseUrl + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
  return answer
}

// As a power cut. What its runner had is let go of at once, and is to have been begun and not finished.
async function killAndRestart(weir, afterMs) {
  await pause(afterMs)
  await weir.kill9()
  const left = endLeases(weir.home)
  await weir.restart()
  return left
}

async function untilDone(weir, id) {
  for (const lateMs = Date.now() + GIVE_UP_MS; Date.now() < lateMs; await pause(100)) {
    const shown = await ask(weir, ['GET', `/v1/exports/${id}`])
    if (shown.status === 'failed') throw new Error(shown.error)
    if (shown.status === 'completed') return shown
  }
  throw new Error('the export never ends')
}

/** Has an export written and reads it. `killAfterMs`: node and workerd are killed then, and started again. */
export async function exportOnce(weir, body, killAfterMs) {
  const startMs = performance.now()
  const { id } = await ask(weir, ['POST', '/v1/exports', body])
  const left = killAfterMs === undefined ? [] : await killAndRestart(weir, killAfterMs)
  const shown = await untilDone(weir, id)
  const seconds = (performance.now() - startMs) / 1000
  const { rows, events, cost_usd: costUsd, download_url: url } = shown
  return { seconds, left, rows, events, costUsd, fileNano: await costIn(url, body), file: await fingerprint(url) }
}
