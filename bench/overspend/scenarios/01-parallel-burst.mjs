const PARALLEL = 200

async function burst(bench, options, kind) {
  const trial = await bench.open({ kind })
  await trial.burst(bench.count(PARALLEL), bench.size, () => options)
  return trial.close()
}

export const scenario = {
  number: 1,
  title: 'parallel burst',
  what: '200 requests at once on a budget that covers 40. Each uses its whole output, so nothing comes back. Once more with a key whose requests are counted by four meters, which borrow of one budget.',
  cases: () => [
    { name: 'whole answers', run: bench => burst(bench, { plan: { delayMs: 50 } }) },
    { name: 'streams', run: bench => burst(bench, { isStream: true, plan: { chunks: 10, chunkMs: 20 } }) },
    {
      name: 'a key with four meters',
      needs: 'kinds',
      run: bench => burst(bench, { plan: { delayMs: 50 } }, 'four meters'),
    },
  ],
}
