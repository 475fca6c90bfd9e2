const SENT = 120
const WIDTH = 20
const FULL_STREAM = { chunks: 20, chunkMs: 40 }

function wavesOfAborts(bench, trial, { percent, plan }) {
  const abortAfter = Math.floor((bench.size.maxTokens * percent) / 100)
  const how = { count: bench.count(SENT), width: bench.count(WIDTH) }
  return trial.waves(how, bench.size, () => ({ isStream: true, abortAfter, plan }))
}

async function abortAt(bench, percent) {
  const trial = await bench.open()
  await wavesOfAborts(bench, trial, { percent, plan: FULL_STREAM })
  return trial.close({ settleMs: 1500 })
}

// The gateway has not answered yet when its client leaves.
async function beforeTheFirstByte(bench) {
  const trial = await bench.open()
  const plan = { delayMs: 500, chunks: 10, chunkMs: 20 }
  const make = index => ({ isStream: index % 2 === 0, abortAfterMs: 150, plan })
  await trial.waves({ count: bench.count(SENT), width: bench.count(WIDTH) }, bench.size, make)
  return trial.close({ settleMs: 1500 })
}

// The gateway stops reading after 300 ms, so the usage in the last event is nobody's to know.
async function pastTheDrain(bench, goesOn) {
  await bench.subject.restart({ DRAIN_MS: '300' })
  try {
    const trial = await bench.open()
    await wavesOfAborts(bench, trial, { percent: 10, plan: { ...FULL_STREAM, chunkMs: 80, goesOn } })
    return await trial.close({ settleMs: 1500 })
  } finally {
    await bench.subject.restart({})
  }
}

export const scenario = {
  number: 3,
  title: 'client abort',
  what: 'Waves of 20 streams whose clients hang up at 10, 50 or 90 %, 120 in all on a budget for 40. The upstream generates, and bills, until its own connection is closed. Then requests, half of them streams, whose clients hang up before anything has come. Then the same with the gateway told to read on for no more than 300 ms, against an upstream that stops when it is hung up on and against one that does not.',
  cases: () => [
    ...[10, 50, 90].map(percent => ({ name: `at ${percent} %`, run: bench => abortAt(bench, percent) })),
    { name: 'before the first byte', run: beforeTheFirstByte },
    { name: 'past the drain', needs: 'restart', isUntold: true, run: bench => pastTheDrain(bench, false) },
    {
      name: 'past the drain, the provider bills on',
      needs: 'restart',
      isUntold: true,
      run: bench => pastTheDrain(bench, true),
    },
  ],
}
