export { asRecord } from '../formats/as-record.ts'
