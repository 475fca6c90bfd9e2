import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

function ps(args) {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}

/** The command line of a process, or '' where there is none. Containers often lack `ps`, macOS lacks /proc. */
export function commandOf(pid) {
  if (process.platform !== 'linux') return ps(['-o', 'args=', '-p', String(pid)])
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function parentOf(pid) {
  try {
    // "pid (name) state ppid ...": the name may hold spaces and parentheses.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[1])
  } catch {
    return undefined
  }
}

function childrenOfThis() {
  if (process.platform === 'linux') {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name) && parentOf(name) === process.pid)
  }
  const rows = ps(['-A', '-o', 'pid=,ppid=']).split('\n')
  return rows.map(row => row.trim().split(/\s+/)).flatMap(([pid, ppid]) => (Number(ppid) === process.pid ? [pid] : []))
}

const found = new Set()

/**
 * Miniflare does not tell the process that it started; it is found among our children. Each is found once, by whoever started it
 * last; `undefined` where there is no new one.
 */
export function findWorkerd() {
  const pids = childrenOfThis().map(Number)
  const pid = pids.find(child => !found.has(child) && /workerd\S* serve/.test(commandOf(child)))
  if (pid !== undefined) found.add(pid)
  return pid
}

/**
 * Ends `pid` when this process dies, however it dies: a killed node would leave a workerd that serves on and holds the
 * port and the state. The shell waits on a pipe whose other end closes with us. Answers how to call it off.
 */
export function endWithUs(pid) {
  const script = 'read _; kill -9 "$0" 2>/dev/null'
  const guard = spawn('/bin/sh', ['-c', script, String(pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  guard.on('error', () => {})
  guard.unref()
  guard.stdin.unref()
  return () => guard.kill('SIGKILL')
}
