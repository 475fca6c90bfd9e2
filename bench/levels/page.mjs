// The same lines for the terminal and for the page.
import { TARGET } from './keys.mjs'

const usd = nano => `$${(nano / 1e9).toFixed(9)}`
const rate = value => value.toFixed(0)
const row = (...cells) => `| ${cells.join(' | ')} |`

function exactLines({ setting, seconds, ...figures }) {
  const { requests, connections, keys } = setting
  const { refusedBy, counterNano } = figures
  return [
    `${requests} requests by ${keys} keys in 4 teams of one customer, ${connections} connections, ${seconds.toFixed(1)} s`,
    '',
    row('figure', 'value'),
    row('---', '---:'),
    row('admitted', figures.admitted),
    row('refused by customer, team, key', `${refusedBy.customer}, ${refusedBy.team}, ${refusedBy.key}`),
    row('answered otherwise', figures.other),
    row('the upstream billed', usd(figures.billedNano)),
    row('sum of events in D1', usd(figures.bookedNano)),
    row('sum of the counters of keys', usd(counterNano.key)),
    row('sum of the counters of teams', usd(counterNano.team)),
    row('counter of the customer', usd(counterNano.customer)),
    row('left of the customer’s budget', usd(figures.customerLeftNano)),
    row('overspend over all 25 limits', usd(figures.overspendNano)),
    row('lost', usd(figures.lostNano)),
    row('phantom', usd(figures.phantomNano)),
    row('false refusals', figures.falseRefusals),
  ]
}

function comparedLines({ setting, leased, alone, requests, ...figures }) {
  const { keys, connections, seconds } = setting
  const line = (name, { perSecond, least, most }) => row(name, rate(perSecond), `${rate(least)} to ${rate(most)}`)
  return [
    `${keys} keys, ${connections} connections, ${seconds} s of each load`,
    '',
    row('limits', 'requests a second', 'in rounds of 2 s'),
    row('---', '---:', '---'),
    line('key and customer', leased),
    line('key alone', alone),
    '',
    row('figure', 'value', 'target'),
    row('---', '---:', '---:'),
    row('throughput left', `${(figures.ratio * 100).toFixed(1)} %`, `at least ${TARGET.ratio * 100} %`),
    row('the same, median of pairs of rounds', `${(figures.medianRatio * 100).toFixed(1)} %`, ''),
    row('owner calls', `${figures.ownerCalls} for ${requests} requests`, ''),
    row('owner calls per 1,000 requests', figures.callsPerThousand.toFixed(1), `at most ${TARGET.callsPerThousand}`),
    row('of them after the first lease of each key', figures.laterPerThousand.toFixed(1), ''),
  ]
}

const LINES = { exact: exactLines, keys: comparedLines, objects: comparedLines }

function verdictOf({ broken, missed = [] }) {
  if (broken.length > 0) return `BROKEN: ${broken.join('; ')}`
  return missed.length > 0 ? `TARGET MISSED: ${missed.join('; ')}` : 'as it should be'
}

/** One measurement's figures, and what is to be said of them. */
export function linesOf(name, result) {
  return [`## ${TITLES[name]}`, '', ...LINES[name](result), '', `**${verdictOf(result)}**`, '']
}

const TITLES = {
  exact: 'exact: three levels over many keys',
  keys: 'keys: a budget above a thousand keys, through the whole gateway',
  objects: 'objects: the same without the gateway',
}

const NOTES = `## How to read it

- **exact.** One team and one key are given less than their share, so that every level refuses. A refusal counts as false
  where its own numbers contradict it, or where its limit, once nothing is held, has as much left as the least it refused.
- **Owner calls** are read from the owner's own storage once the server has stopped: a meter's reports are numbered, and the
  owner keeps the newest number. Nothing of the product is changed for it. Requests that warmed the objects up are counted
  with the others.
- **A key's first lease is a call that no constant saves.** Where each key sends few requests while it is measured, first
  leases are nearly all calls, and their share says how short the run was. After them a lease of 64 needs lasts for 64 requests
  that spend all they hold, which is 15.4 calls per 1,000, and for more where requests cost less than they hold.
- **objects** admits and settles at the meters directly, spends all that is held, and confirms without D1. What is left to
  slow down is the objects' own work, so its ratio is the stricter one.
- All processes (load, upstream, runtime) share the machine's cores: absolute rates say what this machine does, not what
  the product can do. Rounds take turns within one run, so that ratios mean something.
`

/** docs/levels.md. */
export function pageOf(machine, results) {
  const { command, date, machine: name, versions } = machine
  const all = Object.entries(versions).map(([what, version]) => `${what} ${version}`)
  const head = [
    '# Levels: what limits above the key cost',
    '',
    'Made by `bench/levels/run.mjs`; do not edit by hand.',
    '',
  ]
  const facts = [`- ${date} UTC, \`${command}\``, `- ${name}, shared with other work`, `- ${all.join(', ')}`, '']
  const parts = Object.entries(results).flatMap(([part, result]) => linesOf(part, result))
  return [...head, ...facts, ...parts, NOTES].join('\n')
}
