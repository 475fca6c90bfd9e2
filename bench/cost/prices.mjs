// What Cloudflare lists, beyond what the Workers Paid plan includes. Read 2026-11-26.
const WORKERS = 'https://developers.cloudflare.com/workers/platform/pricing/'
const OBJECTS = 'https://developers.cloudflare.com/durable-objects/platform/pricing/'
const D1 = 'https://developers.cloudflare.com/d1/platform/pricing/'
const QUEUES = 'https://developers.cloudflare.com/queues/platform/pricing/'

export const PRICES_READ = '2026-11-26'

/** Dollars for a million of each, and where it is listed. An active object is billed as 128 MB for as long as it is active. */
export const PRICES = {
  workerRequests: { usd: 0.3, unit: 'requests to the Worker', source: WORKERS },
  cpuMs: { usd: 0.02, unit: 'CPU ms', source: WORKERS },
  objectRequests: { usd: 0.15, unit: 'calls of objects and alarms', source: OBJECTS },
  gbSeconds: { usd: 12.5, unit: 'GB-s of objects', source: OBJECTS },
  objectRowsWritten: { usd: 1, unit: 'rows that objects write', source: OBJECTS },
  objectRowsRead: { usd: 0.001, unit: 'rows that objects read', source: OBJECTS },
  d1RowsWritten: { usd: 1, unit: 'rows written to D1', source: D1 },
  d1RowsRead: { usd: 0.001, unit: 'rows read of D1', source: D1 },
  queueOperations: { usd: 0.4, unit: 'operations of queues', source: QUEUES },
}
