import { readFileSync } from 'node:fs'

/** A tick of Linux's process accounting. */
const TICK_MS = 10

/** Milliseconds that a process has computed so far; `NaN` where the system does not tell. */
export function cpuMs(pid) {
  try {
    // "pid (name) state ...": user and system time are the 14th and 15th; the name may hold spaces.
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ').slice(11, 13)
    return (Number(user) + Number(system)) * TICK_MS
  } catch {
    return Number.NaN
  }
}
