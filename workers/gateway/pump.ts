import { ClientEnd } from './client-end.ts'
import type { Fuse } from './fuse.ts'
import type { Tap } from './stream-tap.ts'

/**
 * How a stream ended: read to its end, or broken off by the provider or (once nobody listens) by us. `isCut`: ended by its
 * fuse, as a whole stream of its wire.
 */
export type PumpEnd = { isWhole: boolean; isCut: boolean; isClientGone: boolean; firstByteAt: number | undefined }

/** What a pump needs: the two ends, what reads in between, and how long to go on reading for nobody. */
export type PumpJob = {
  upstream: ReadableStream<Uint8Array>
  client: WritableStream<Uint8Array>
  tap: Tap
  /** Asked after every chunk whether there may be more; none: always. */
  fuse?: Pick<Fuse, 'allows'> | undefined
  /** What to say to the client where the fuse has ended the stream. */
  cutOff(): Uint8Array[]
  clientGone: AbortSignal
  drainMs: number
  nowMs(): number
}

/** The provider's end; `cutAfter` gives it so much time more. */
class ProviderEnd {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  isCut = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(upstream: ReadableStream<Uint8Array>) {
    this.reader = upstream.getReader()
  }

  cutAfter(ms: number): void {
    this.#timer ??= setTimeout(() => this.cut(), ms)
  }

  cut(): void {
    this.isCut = true
    this.reader.cancel().catch(() => undefined)
  }

  done(): void {
    clearTimeout(this.#timer)
  }
}

type Ends = { provider: ProviderEnd; client: ClientEnd }

async function passOn(job: PumpJob, { provider, client }: Ends): Promise<PumpEnd> {
  let firstByteAt: number | undefined
  const end = (isWhole: boolean, isCut = false) => ({ isWhole, isCut, isClientGone: client.isGone, firstByteAt })
  try {
    for (let next = await provider.reader.read(); !next.done; next = await provider.reader.read()) {
      firstByteAt ??= job.nowMs()
      await client.write(job.tap.push(next.value))
      if (job.fuse && !(await job.fuse.allows())) {
        provider.cut()
        await client.write(job.cutOff())
        return end(true, true)
      }
    }
    await client.write(job.tap.end())
    return end(!provider.isCut)
  } catch {
    return end(false)
  }
}

/**
 * Passes a stream on and reads it to its end, also when the client leaves: then for `drainMs` more, so that the usage in
 * the last event is not lost. Never rejects.
 */
export async function pump(job: PumpJob): Promise<PumpEnd> {
  const provider = new ProviderEnd(job.upstream)
  const client = new ClientEnd(job.client, () => provider.cutAfter(job.drainMs))
  const leave = () => client.leave()
  if (job.clientGone.aborted) leave()
  job.clientGone.addEventListener('abort', leave)
  const end = await passOn(job, { provider, client })
  job.clientGone.removeEventListener('abort', leave)
  provider.done()
  await client.finish(end.isWhole)
  return end
}
