/** The one line that every run of ours ends with. */
export function tallyLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`
}

/** The last such line in a text, or `undefined` where there is none. */
export function readTally(text) {
  const found = text.match(/^\d+ passed, \d+ failed$/gm)?.at(-1)
  if (!found) return undefined
  const [passed, failed] = found.match(/\d+/g).map(Number)
  return { passed, failed }
}
