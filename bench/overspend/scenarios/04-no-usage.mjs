const SENT = 120
const WIDTH = 20

async function withoutUsage(bench, isStream, isDense) {
  const trial = await bench.open()
  const plan = { usage: 'none', chunks: 10, chunkMs: 10, isDense }
  await trial.waves({ count: bench.count(SENT), width: bench.count(WIDTH) }, bench.size, () => ({ isStream, plan }))
  return trial.close()
}

export const scenario = {
  number: 4,
  title: 'no usage',
  what: 'The upstream never says what was used. 120 requests in waves of 20 on a budget for 40. Once more with an output of two bytes a token, many tokens to a chunk, as code, numbers and some scripts are.',
  cases: () => [
    { name: 'streams', isUntold: true, run: bench => withoutUsage(bench, true, false) },
    { name: 'whole answers', isUntold: true, run: bench => withoutUsage(bench, false, false) },
    { name: 'streams of short tokens', isUntold: true, run: bench => withoutUsage(bench, true, true) },
  ],
}
