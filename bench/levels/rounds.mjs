// Two loads in turn, so that what the machine does meanwhile meets both.
const ROUND_SECONDS = 5

function sumOf(runs) {
  const count = runs.reduce((sum, run) => sum + run.count, 0)
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0)
  return { count, seconds, perSecond: count / seconds, rounds: runs.map(run => Math.round(run.count / run.seconds)) }
}

/** `seconds` of each of two subjects in rounds of about five seconds; each pair begins with the other one. */
export async function compareRounds(leased, alone, seconds) {
  const pairs = Math.max(1, Math.round(seconds / ROUND_SECONDS))
  const runs = { [leased.name]: [], [alone.name]: [] }
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? [leased, alone] : [alone, leased]
    for (const subject of order) runs[subject.name].push(await subject.run(seconds / pairs))
  }
  return { leased: sumOf(runs[leased.name]), alone: sumOf(runs[alone.name]) }
}
