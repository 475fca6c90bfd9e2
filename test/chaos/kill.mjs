/** Mostly everything at once; sometimes one half. Each ends with the server up again. `share` is in [0, 1). */
export function pickKill(weir, share) {
  if (share < 0.6) return { how: 'everything', kill: () => weir.kill9().then(() => weir.restart()) }
  if (share < 0.8) return { how: 'node', kill: () => weir.killNode9().then(() => weir.restart()) }
  return { how: 'workerd', kill: () => weir.killWorkerd9() }
}
