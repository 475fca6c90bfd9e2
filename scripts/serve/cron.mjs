const BOUNDS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
]
const NAMES = ['JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' '), 'SUN MON TUE WED THU FRI SAT'.split(' ')]

function toNumber(text, field) {
  const index = field < 3 ? -1 : NAMES[field - 3].indexOf(text.toUpperCase())
  if (index === -1) return Number(text)
  return field === 3 ? index + 1 : index
}

function partMatches(part, value, field) {
  const [range, step = '1'] = part.split('/')
  const [low, high] = BOUNDS[field]
  const [from, to = step === '1' ? from : high] =
    range === '*' ? [low, high] : range.split('-').map(text => toNumber(text, field))
  return value >= from && value <= to && (value - from) % Number(step) === 0
}

function fieldMatches(text, value, field) {
  return text.split(',').some(part => partMatches(part, value, field))
}

/** Says whether a five-field cron expression is due in the UTC minute of `at`. */
export function isDue(expression, at) {
  const fields = expression.trim().split(/\s+/)
  const values = [at.getUTCMinutes(), at.getUTCHours(), at.getUTCDate(), at.getUTCMonth() + 1, at.getUTCDay()]
  const [minute, hour, date, month, weekday] = fields.map((text, field) => fieldMatches(text, values[field], field))
  const sunday = values[4] === 0 && fieldMatches(fields[4], 7, 4)
  const isDay = weekday || sunday
  // As in cron: where both days are restricted, either is enough.
  const isEither = !fields[2].startsWith('*') && !fields[4].startsWith('*')
  return minute && hour && month && (isEither ? date || isDay : date && isDay)
}

const MINUTE_MS = 60_000

/** Fires what is due now and at every full minute. Miniflare has cron handlers, and no clock. */
export function startCron(expressions, fire) {
  const running = new Set()
  const run = async (cron, scheduledTime) => {
    // A handler that takes longer than a minute is not started a second time.
    if (running.has(cron)) return
    running.add(cron)
    await fire({ cron, scheduledTime }).catch(error => console.error(`cron ${cron}: ${error.message}`))
    running.delete(cron)
  }
  const tick = () => {
    const now = new Date()
    const due = expressions.filter(expression => isDue(expression, now))
    setTimeout(tick, MINUTE_MS - (now.getTime() % MINUTE_MS) + 50)
    for (const cron of due) void run(cron, now)
  }
  tick()
}
