export { consumeUsage } from './consume-usage.ts'
export type { AccountingPorts } from './ports.ts'
export { runScheduled } from './run-scheduled.ts'
