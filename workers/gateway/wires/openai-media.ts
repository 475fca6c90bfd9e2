import { renderOpenAI } from '../../errors/render.ts'
import type { FormatName } from '../../formats/format-name.ts'
import type { Ask } from '../ask.ts'
import type { Incoming, Wire } from './wire.ts'

/** The last event of a stream of images, of speech or of a transcript. */
const LAST_EVENT = /"type": ?"[\w.]+\.(completed|done)"/

/** A wire of OpenAI's that is no conversation: its failures and its streams' ends are told as on all of them. */
export function openaiMediaWire(format: FormatName, read: (incoming: Incoming) => Ask): Wire {
  return { format, read, renderError: renderOpenAI, endsWhole: tail => LAST_EVENT.test(tail) }
}
