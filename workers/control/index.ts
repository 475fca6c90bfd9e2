export { controlApp } from './app.ts'
export type { ControlPorts } from './ports.ts'
