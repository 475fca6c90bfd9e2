const PARALLEL = 200

// Both counters are compared with the events in the end: a refusal by one level consumes nothing of the other.
async function burst(bench, level, nanos) {
  const trial = await bench.openShared(level, nanos)
  const make = index => ({ key: index % trial.keys.length, plan: { delayMs: 50 } })
  await trial.burst(bench.count(PARALLEL), bench.size, make)
  return trial.close()
}

export const scenario = {
  number: 2,
  title: 'burst over two levels',
  what: 'The burst of scenario 1 under two budgets at once, of which first the one and then the other is the smaller: its refusals must consume nothing of the larger.',
  cases: subject =>
    subject.sharedLevels.flatMap(level => [
      {
        name: `key and ${level.name}, the key smaller`,
        run: bench => burst(bench, level, { keyNano: bench.limitNano / level.keys, sharedNano: bench.limitNano * 10 }),
      },
      {
        name: `key and ${level.name}, the other smaller`,
        run: bench => burst(bench, level, { keyNano: bench.limitNano * 10, sharedNano: bench.limitNano }),
      },
    ]),
}
