import { readFileSync } from 'node:fs'
import { join } from 'node:path'

function residentMb(pid) {
  const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kb ?? 0) / 1024
}

/** Watches how much memory the server's workerd has, in megabytes, whichever process it is by then. */
export function watchMemory(home, everyMs = 200) {
  const seen = { startMb: 0, peakMb: 0 }
  const timer = setInterval(() => {
    try {
      const mb = residentMb(Number(readFileSync(join(home, 'serve.lock', 'workerd'), 'utf8')))
      seen.startMb ||= mb
      seen.peakMb = Math.max(seen.peakMb, mb)
    } catch {}
  }, everyMs)
  return { seen, stop: () => clearInterval(timer) }
}
