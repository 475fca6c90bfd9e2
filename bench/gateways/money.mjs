// What each subject's budgets do, by the overspend program's own cases.
import { runCases } from '../overspend/run-cases.mjs'
import { startCountingUpstream } from '../overspend/upstream.mjs'

/** Cases in which the provider says what it bills, so that nothing has to be guessed: bursts, levels, aborts, retries, mixed sizes. */
const SCENARIOS = [1, 2, 3, 6, 11]
const SEED = 1

/** Starts the subject anew before the counting upstream, and answers its cases; `undefined` where it cannot be told apart. */
export async function measureMoney(subject, { settings, scale, port }) {
  const upstream = await startCountingUpstream({ port })
  const running = await subject.start({ upstreamUrl: upstream.baseUrl, settings })
  try {
    if (!running.money) return undefined
    const setting = { subject: running.money(), upstream, scale, seed: SEED }
    return await runCases({ ...setting, only: SCENARIOS, isToldOnly: true })
  } finally {
    await running.stop()
    await upstream.stop()
  }
}
