const SENT = 60
const WIDTH = 20
const MALFORMED = [
  'negative',
  'strings',
  'without completion_tokens',
  'without prompt_tokens',
  'empty',
  'in the middle',
]

// Half of them streams. A usage in the middle and a growing one are only in streams.
async function malformed(bench, usage) {
  const trial = await bench.open()
  const isAlwaysStream = ['in the middle', 'growing'].includes(usage)
  const make = index => ({ isStream: isAlwaysStream || index % 2 === 0, plan: { usage, chunks: 10, chunkMs: 10 } })
  await trial.waves({ count: bench.count(SENT), width: bench.count(WIDTH) }, bench.size, make)
  return trial.close()
}

export const scenario = {
  number: 5,
  title: 'malformed usage',
  what: 'The upstream says something else than what it bills: negative numbers, texts for numbers, fields that are missing, a usage in the middle of the stream and none at its end; and, which is right, one that grows in every chunk. 60 requests in waves of 20 on a budget for 40.',
  cases: () => [
    ...MALFORMED.map(usage => ({ name: usage, isUntold: true, run: bench => malformed(bench, usage) })),
    { name: 'growing', run: bench => malformed(bench, 'growing') },
  ],
}
