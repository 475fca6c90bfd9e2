// Two loads in turn, so that what the machine does meanwhile meets both.
const ROUND_SECONDS = 2

function sumOf(runs) {
  const count = runs.reduce((sum, run) => sum + run.count, 0)
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0)
  const rates = runs.map(run => run.count / run.seconds)
  return { count, seconds, perSecond: count / seconds, least: Math.min(...rates), most: Math.max(...rates), rates }
}

function medianOf(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** `seconds` of each of two subjects in rounds of about two seconds; each pair begins with the other one. */
export async function compareRounds(leased, alone, seconds) {
  const pairs = Math.max(1, Math.round(seconds / ROUND_SECONDS))
  const runs = { [leased.name]: [], [alone.name]: [] }
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? [leased, alone] : [alone, leased]
    for (const subject of order) runs[subject.name].push(await subject.run(seconds / pairs))
  }
  const [one, other] = [sumOf(runs[leased.name]), sumOf(runs[alone.name])]
  return { leased: one, alone: other, medianRatio: medianOf(one.rates.map((rate, n) => rate / other.rates[n])) }
}
