import type { Figures } from './figures.ts'
import { BEFORE, breaksOf, HEAD, MODEL, PAPER } from './notes.ts'
import type { Run } from './run-result.ts'

type Column<T> = [title: string, show: (row: T) => string | number | undefined]

const grouped = (value: number) => value.toLocaleString('en-US')
const digits = (value: number | undefined, count = 1) => (value === undefined ? '-' : value.toFixed(count))
const percent = (share: number | undefined) => (share === undefined ? '-' : `${(share * 100).toFixed(1)} %`)
const milliseconds = ({ p50, p99 }: { p50: number; p99: number }) =>
  `${grouped(Math.round(p50))} / ${grouped(Math.round(p99))}`

const WHO: Column<Figures>[] = [
  ['keys', one => grouped(one.keys)],
  ['regions', one => one.regions],
  ['demand', one => one.demand],
]

const MONEY_LEFT: Column<Figures>[] = [
  ...WHO,
  ['req/s', one => one.perSecond],
  ['minutes', one => one.minutes],
  ['meters used', one => grouped(one.metersUsed)],
  ['requests per meter', one => digits(one.requestsBeforeTheEnd / one.metersUsed)],
  ['owner calls/s', one => digits(one.callsPerSecond)],
  ['peak, 1 s', one => one.peakCallsPerSecond],
  ['per 1,000 requests', one => digits(one.callsPerThousand)],
  ['borrowed', one => percent(one.waitMs.borrowedShare)],
  ['wait p50 / p99 ms', one => milliseconds(one.waitMs.all)],
  ['stranded, mean', one => percent(one.stranded.mean)],
  ['at 10, 30, 50, 70, 90 % of the way', one => one.stranded.overTime.map(percent).join(', ')],
]

const THE_END: Column<Figures>[] = [
  ...WHO,
  ['stranded at the first recall', one => percent(one.stranded.atFirstRecall)],
  ['at the first refusal', one => percent(one.stranded.atFirstRefusal)],
  ['recalls until then', one => (one.recallsToFirstRefusal === undefined ? '-' : grouped(one.recallsToFirstRefusal))],
  ['recalls in all', one => grouped(one.recalls)],
  ['rounds', one => grouped(one.rounds)],
  ['longest queue', one => grouped(one.longestQueue)],
  ['gathering: wait p50 / p99 ms', one => milliseconds(one.waitMs.gathering)],
  ['spent: wait p50 / p99 ms', one => milliseconds(one.waitMs.spent)],
  ['refused', one => grouped(one.refused)],
  ['told to come again', one => grouped(one.unavailable)],
  ['still waiting', one => grouped(one.stillWaiting)],
  ['false', one => one.falseRefusals],
  ['late', one => one.lateRefusals],
  ['overspend', one => one.overspend],
]

const OWNERS: Column<Run['owners'][number]>[] = [
  ['meters', one => grouped(one.meters)],
  ['bytes per account', one => digits(one.bytesPerAccount, 0)],
  ['all accounts, MB', one => digits(one.megabytes)],
  ['real ms per ask', one => digits(one.msPerAsk, 3)],
  ['asks a second, at most', one => grouped(Math.round(1000 / one.msPerAsk))],
]

const FAN_OUTS: Column<Run['fanOuts'][number]>[] = [
  ['meters with lease', one => grouped(one.meters)],
  ['answer', one => one.admission],
  ['recalls', one => grouped(one.recalls)],
  ['the request waits, simulated ms', one => grouped(Math.round(one.simulatedMs ?? Number.NaN))],
  ['pure code alone, real ms', one => grouped(Math.round(one.realMs))],
]

function table<T>(columns: Column<T>[], rows: T[]): string {
  const line = (cells: unknown[]) => `| ${cells.join(' | ')} |`
  const head = [line(columns.map(([title]) => title)), line(columns.map(() => '---:'))]
  return [...head, ...rows.map(row => line(columns.map(([, show]) => show(row) ?? '-')))].join('\n')
}

/** docs/growth.md. */
export function pageOf(run: Run): string {
  const { machine, seconds, cases, owners, fanOuts } = run
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  const facts = [
    `- ${machine.date} UTC, \`${machine.command}\`, ${seconds.toFixed(0)} s`,
    `- ${machine.machine}, shared with other work`,
    `- ${versions.join(', ')}`,
  ]
  return [
    `${HEAD}\n${facts.join('\n')}\n`,
    breaksOf(run),
    PAPER,
    `${BEFORE.left}\n${table(MONEY_LEFT, cases)}\n`,
    `${BEFORE.end}\n${table(THE_END, cases)}\n`,
    `${BEFORE.owner}\n${table(OWNERS, owners)}\n`,
    `${BEFORE.fanOut}\n${table(FAN_OUTS, fanOuts)}\n`,
    MODEL,
  ].join('\n')
}
