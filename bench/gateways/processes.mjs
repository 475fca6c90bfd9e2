import { readdirSync, readFileSync } from 'node:fs'
import { cpuMs } from '../streams/cpu.mjs'

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

// "pid (name) state ppid ...": the name may hold spaces and parentheses.
const parentOf = pid => Number(read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[1])

/** A process and all that it has started, as they are now. */
function familyOf(pid) {
  const pids = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
  const children = Map.groupBy(pids, parentOf)
  const found = [pid]
  for (const one of found) found.push(...(children.get(one) ?? []))
  return found
}

const total = (pid, measure) => familyOf(pid).reduce((sum, one) => sum + (measure(one) || 0), 0)
const isTold = process.platform === 'linux'

/** Milliseconds that a process and all its children have computed; `NaN` where the system does not tell. */
export function familyCpuMs(pid) {
  return isTold && pid ? total(pid, cpuMs) : Number.NaN
}

/** Bytes of memory in which they live now. */
export function familyRss(pid) {
  const rss = one => Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${one}/status`))?.[1] ?? 0) * 1024
  return isTold && pid ? total(pid, rss) : Number.NaN
}
