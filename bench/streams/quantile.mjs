/** The value below which a share `q` of the values lies. */
export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]
}

/** The middle of the values; between the two in the middle where there are such. */
export function median(values) {
  const sorted = Float64Array.from(values).sort()
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}
