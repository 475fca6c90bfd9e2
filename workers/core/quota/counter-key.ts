// The name that was asked for last of each limit: one request asks for a dozen names each of many limits.
const named = new Map<string, { startMs: number; name: string }>()
const MAX_NAMED = 10_000

/** The name of a limit in a window, inside one meter. */
export function counterKey({ limitId, startMs }: { limitId: string; startMs: number }): string {
  const known = named.get(limitId)
  if (known?.startMs === startMs) return known.name
  const name = `${limitId}@${startMs}`
  if (named.size >= MAX_NAMED) named.clear()
  named.set(limitId, { startMs, name })
  return name
}
