import { asRecord } from '../../formats/as-record.ts'
import { type CapSetting, outputCap } from './output-cap.ts'

/** The option that makes a vendor end a stream with its usage. */
export function askForUsage(chat: Record<string, unknown>): Record<string, unknown> {
  if (chat.stream !== true) return {}
  return { stream_options: { ...asRecord(chat.stream_options), include_usage: true } }
}

/** The JSON text of a chat as it goes upstream: model renamed, usage asked for, output capped, all else as it came. */
export function prepareChat(
  chat: Record<string, unknown>,
  set: CapSetting & { model: string; usageInStream: 'asked' | 'always' },
): string {
  return JSON.stringify({
    ...chat,
    model: set.model,
    ...(set.usageInStream === 'asked' && askForUsage(chat)),
    ...outputCap(chat, set),
  })
}
