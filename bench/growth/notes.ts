import { OWNER_MS } from './owner.ts'
import type { Run } from './run-result.ts'
import { END_MS, ROUND_TRIP_MS, SPENT_AT } from './world.ts'

const whole = (value: number | undefined) => Math.round(value ?? 0).toLocaleString('en-US')

/** The page's words before its tables. */
export const HEAD = `# Growth: 10 to 100,000 keys, one region to seven

Made by \`bench/growth/run.mjs\`; do not edit by hand. A customer's budget over many keys, each with a meter in every region,
all leasing from one owner. The decisions are the product's own code (\`workers/core/quota\`), driven without a runtime;
time, network and demand are simulated, from one seed. \`npm run growth -- --quick\` is a short run of the same.
`

/** What gives way first, with this run's figures. */
export function breaksOf({ owners, fanOuts, cases }: Run): string {
  const owner = (meters: number) => owners.find(one => one.meters === meters)
  const asks = (meters: number) => whole(1000 / (owner(meters)?.msPerAsk ?? 1))
  const fanOut = fanOuts.at(-1)
  const worst = (keys: number) => {
    const waits = cases.filter(one => one.keys === keys).map(one => one.waitMs.spent.p99)
    return (Math.max(0, ...waits) / 1000).toFixed(1)
  }
  const comeAgain = cases.reduce((sum, one) => sum + one.unavailable, 0)
  const bytes = owner(100_000)?.bytesPerAccount ?? 0
  return `## What breaks first

Bluntly, in the order in which it is met:

1. **The last seconds of a budget behind thousands of busy meters.** One round of recalls decides for all who wait, and the
   slowest hundredth waits ${worst(100)} s at worst with 100 keys, ${worst(1000)} s with 1,000, ${worst(10_000)} s with 10,000 and 500 requests a second. What they wait
   for is not the rounds: while requests in flight end, what comes back of them is enough for each who waits, and not for
   all. Nobody of them may be refused, since at every look he would have fitted, and they are served in order, as it comes. Who
   has waited for 10 s is told to come again (\`unreachable\`, a 503): ${whole(comeAgain)} in all cases below. It heals as the requests in
   flight end. What would end it sooner: shorter rounds (owners in a tree, one a region), or a promise that counts what was
   granted to others who wait as gone.
2. **A key that is short of lease more often than rounds end.** Its meter lets one request borrow at a time; the others wait in
   the meter, a round each (_still waiting_ where demand is 1/rank). What would fix it (not tried): a meter that asks once for all
   who wait in it.
3. **A recall of 100,000 meters.** One refusal then takes ${whole((fanOut?.simulatedMs ?? 0) / 1000)} s, and the platform allows 10,000 calls from one
   invocation, so in truth it may end as \`unreachable\`, some ten times over until all were asked (not tried here: workerd does
   not enforce it). Nothing is overspent by it. The tree fixes it too.
4. **Memory with 700,000 meters** (100,000 keys in seven regions): ${whole(owner(700_000)?.megabytes)} MB for one window, above
   the isolate's 128 MB. The tree fixes it too.

No longer: an ask takes the same whatever the number of meters (${asks(1000)} asks a second with 1,000, ${asks(100_000)} with 100,000, before anything
is written, on this machine; the active meters are counted anew once a second), and a limit per minute with 1,000 busy meters
keeps eleven windows and not a day of them: ${((11_000 * bytes) / 1e6).toFixed(1)} MB (computed).
`
}

/** What can be said without a simulation. */
export const PAPER = `## On paper

\`m\`: meters that are in use (keys x regions), \`n\`: what a request needs, \`c\`: the share of it that it costs, \`B\`: the budget.

- **Plenty** (\`free > 128 m n\`): a lease is 64 needs, or half a minute's demand where that is more. Owner calls are at most
  \`m / 30 s\` for busy meters and \`1000 c / 65\` per 1,000 requests (15.4 at \`c = 1\`) for others, and one first lease a meter.
- **Not plenty**: a lease is \`n + free / 2m\`, so that a budget is lent in \`2 m ln(1 + B / 2mn)\` asks, which is many for each
  request where a meter has only some dozens of requests' worth. No constant changes that: it is the price of an exact end.
- **Rare meters**: one that sends less than once a minute asks for each request and gives back a minute later: up to 2 calls
  a request, and at most 2 calls a meter in a minute.
- **Stranded**: a lease is at most \`free / 2\` over the meters that were heard in the last two minutes. Those who
  come first are counted alone and get more: where a budget is only a few requests for each meter, most of it lies idle
  with them when the first recall comes (below). All is called back before anyone is refused.
- **The end**: all who wait are decided by one round, which takes a round trip to the farthest meter + ${OWNER_MS.recall} ms x meters with
  something in flight; two where something was granted since the last one, for those meters are frozen first.
- **Memory of the owner**: bytes per account (measured below) x \`m\` x windows that are kept.
- **A larger first lease** was tried in place of 64 (one region, the cases of 10, 100 and 1,000 keys, even demand): with 256
  the calls per 1,000 requests go from 10.1, 20.7 and 129.6 to 6.2, 26.7 and 167.8, and what is stranded at the first recall
  from 0.0, 3.7 and 8.6 % to 3.1, 26.6 and 21.8 %. It helps only where the calls are few already, so the constant stays.
`

/** What stands before each table. */
export const BEFORE = {
  left: `## While money is left

Calls are asks and reports. _Borrowed_: requests that had to wait for lease, until the first recall; the wait is over all
requests until then, in simulated milliseconds. _Stranded_: lent and held by nobody, as a share of the limit, until the first
refusal. Peaks are of one second.
`,
  end: `## The end of the budget

_Gathering_: requests between the first recall and the first refusal. _Spent_: those after the first refusal, for ${END_MS / 1000} s or to
the end of the case. _False_: refused although at every moment while it asked enough was left (what is on its way to another who
waits is not left). _Late_: enough had come free, after its meter was asked, by the time it heard. Both sums are over all meters,
as nobody inside can see them. Who has no answer at the end counts with the time he has waited so far.
`,
  owner: `## What an owner's accounts take

Real memory and real time of the product's code on this machine, with names as long as real ones.
`,
  fanOut: `## One refusal while every meter holds lease

Half the budget is lent, evenly over seven regions, and one request needs more than all of it.
`,
}

/** What was simulated, and what was left out. */
export const MODEL = `## What was simulated

- Requests arrive independently of each other, and last 3 s in the mean. They need 1 to 10 units, and cost 0.3 to 1 of that.
  The budget is what ${SPENT_AT * 100} % of them cost. Keys are drawn evenly or as 1/rank, regions evenly.
- Round trips to the owner by region: ${ROUND_TRIP_MS.join(', ')} ms. Nothing is lost (\`npm run sim\` loses).
- The owner is one thread. Assumed, not measured: ${OWNER_MS.ask} ms for a call with its write, ${OWNER_MS.report} ms for a report, ${OWNER_MS.recall} ms to send a recall
  and hear it. ${OWNER_MS.account * 1e6} ns for each account at the beginning of each round is from a measurement on another day.
- Meters take no time. A key has no limits of its own here. One limit, in one window that does not end.
- **Reduced**: with 1,000 keys the budget is half an hour's, with 10,000 two minutes', with 100,000 one minute's, 0.3 requests a key:
  there nearly every request is the first of its meter. Not all of 700,000 meters are ever used.
`
