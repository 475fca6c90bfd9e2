const CALLS = 60
const WIDTH = 15
const TRIES = 3

// A client that asks again until it has the whole answer: the first attempt breaks off half-way.
async function untilWhole(trial, size, { isStream, goesOn }) {
  for (let tries = 0; tries < TRIES; tries++) {
    const plan = { chunks: 10, chunkMs: 20, ...(tries === 0 && { breakAfter: 5, goesOn }) }
    const call = await trial.send(size, { isStream, plan })
    if (call.refusal || (call.isWhole && call.status === 200)) return
  }
}

async function brokenOff(bench, how) {
  const trial = await bench.open()
  const width = bench.count(WIDTH)
  for (let sent = 0; sent < bench.count(CALLS); sent += width) {
    await Promise.all(Array.from({ length: width }, () => untilWhole(trial, bench.size, how)))
  }
  return trial.close()
}

export const scenario = {
  number: 10,
  title: 'retry after partial output',
  what: 'The upstream hangs up half-way, having billed what it generated, and the client asks again. 60 such calls in waves of 15 on a budget for 40 whole answers. Once more with an upstream that bills the whole answer although it broke it off.',
  cases: () => [
    { name: 'streams', isUntold: true, run: bench => brokenOff(bench, { isStream: true }) },
    { name: 'whole answers', isUntold: true, run: bench => brokenOff(bench, { isStream: false }) },
    {
      name: 'streams, the provider bills on',
      isUntold: true,
      run: bench => brokenOff(bench, { isStream: true, goesOn: true }),
    },
  ],
}
