import { PRICES } from './prices.mjs'

const OBJECT_GB = 0.128
/** A message is written, read and deleted. */
const OPERATIONS = 3

function quantities({ counts, cpuMs }) {
  return {
    workerRequests: counts.requests + counts.queueBatches,
    cpuMs,
    objectRequests: counts.objectCalls + counts.alarms,
    gbSeconds: (counts.activeMs / 1000) * OBJECT_GB,
    // An alarm that is set is a row written.
    objectRowsWritten: counts.objectRowsWritten + counts.alarmsSet,
    objectRowsRead: counts.objectRowsRead,
    d1RowsWritten: counts.d1RowsWritten,
    d1RowsRead: counts.d1RowsRead,
    queueOperations: counts.queueUnits * OPERATIONS,
  }
}

/** What was counted for so many governed requests, as quantities a request and dollars a million of them. */
export function billOf(counted, governed) {
  const lines = Object.entries(quantities(counted)).map(([name, quantity]) => {
    const each = quantity / governed
    return { name, each, usd: each * PRICES[name].usd }
  })
  return { lines, usd: lines.reduce((sum, line) => sum + line.usd, 0) }
}
