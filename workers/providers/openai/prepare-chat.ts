import { asRecord } from '../../formats/as-record.ts'
import { type CapSetting, outputCap } from './output-cap.ts'

function askForUsage(chat: Record<string, unknown>): Record<string, unknown> {
  if (chat.stream !== true) return {}
  return { stream_options: { ...asRecord(chat.stream_options), include_usage: true } }
}

/** The JSON text of a chat as it goes upstream: model renamed, usage asked for, output capped, all else as it came. */
export function prepareChat(chat: Record<string, unknown>, set: CapSetting & { model: string }): string {
  return JSON.stringify({ ...chat, model: set.model, ...askForUsage(chat), ...outputCap(chat, set) })
}
