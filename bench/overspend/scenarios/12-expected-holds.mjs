const PARALLEL = 100
const CHUNKS = 40

/** Streams at once, each of which uses this part of its cap. */
async function burst(bench, { used, kind, chunkMs = 100, count = PARALLEL }) {
  const trial = await bench.open({ kind })
  const plan = { outputTokens: Math.ceil(bench.size.maxTokens * used), chunks: CHUNKS, chunkMs }
  await trial.burst(bench.count(count), bench.size, () => ({ isStream: true, plan }))
  return trial.close()
}

const expected = { needs: 'kinds' }
const cut = { ...expected, isUntold: true }

export const scenario = {
  number: 12,
  title: 'expected holds',
  what: '100 streams at once on a budget that covers 40 at their longest, of which each uses a tenth of its cap: with holds for the most they can cost, and with holds for what is expected (50 tokens of output) that grow as a stream goes on. Then, with such holds, streams that use all of it, so that most have to be ended on the way: 100 streams of 100 tokens a second, and 200 of 500, which is more than a small machine can read as it comes.',
  cases: () => [
    { name: 'a tenth used, strict', run: bench => burst(bench, { used: 0.1 }) },
    { name: 'a tenth used, expected', ...expected, run: bench => burst(bench, { used: 0.1, kind: 'expected' }) },
    { name: 'all used, expected', ...cut, run: bench => burst(bench, { used: 1, kind: 'expected' }) },
    {
      name: 'all used, expected, too fast',
      ...cut,
      run: bench => burst(bench, { used: 1, kind: 'expected', chunkMs: 20, count: 2 * PARALLEL }),
    },
  ],
}
