import { ClientEnd } from './client-end.ts'
import type { Fuse } from './fuse.ts'
import { ProviderEnd } from './provider-end.ts'
import type { Tap } from './stream-tap.ts'

/**
 * How a stream ended: read to its end, or broken off by the provider or (once nobody listens) by us. `isCut`: ended by its
 * fuse, as a whole stream of its wire. `isSilent`: given up, because the provider sent nothing for too long.
 */
export type PumpEnd = {
  isWhole: boolean
  isCut: boolean
  isSilent: boolean
  isClientGone: boolean
  firstByteAt: number | undefined
}

/** What a pump needs: the two ends, what reads in between, and how long to go on reading for nobody. */
export type PumpJob = {
  upstream: ReadableStream<Uint8Array>
  /** What was read of it already. */
  held?: Uint8Array[]
  client: WritableStream<Uint8Array>
  tap: Tap
  /** Asked after every chunk whether there may be more; none: always. */
  fuse?: Pick<Fuse, 'allows'> | undefined
  /** What to say to the client where the fuse has ended the stream. */
  cutOff(): Uint8Array[]
  /** What to say to the client where the provider has fallen silent. */
  giveUp(): Uint8Array[]
  clientGone: AbortSignal
  drainMs: number
  /** How long a provider may send nothing while it is asked for more. */
  idleMs: number
  nowMs(): number
}

type Ends = { provider: ProviderEnd; client: ClientEnd }
type Passed = Omit<PumpEnd, 'isClientGone'>

async function endOf(job: PumpJob, { provider, client }: Ends, end: Passed): Promise<Passed> {
  provider.heard()
  await client.write(provider.isSilent ? job.giveUp() : job.tap.end())
  return { ...end, isWhole: !provider.isCut, isSilent: provider.isSilent }
}

async function readOn(job: PumpJob, { provider, client }: Ends, end: Passed): Promise<void> {
  const { tap, fuse } = job
  for (let next = await provider.read(); !next.done; next = await provider.read()) {
    provider.heard()
    end.firstByteAt ??= job.nowMs()
    await client.write(tap.push(next.value))
    const mayGoOn = fuse?.allows() ?? true
    if (mayGoOn === true || (await mayGoOn)) continue
    provider.cut()
    await client.write(job.cutOff())
    end.isCut = true
    return
  }
}

async function passOn(job: PumpJob, ends: Ends): Promise<Passed> {
  const end: Passed = { isWhole: false, isCut: false, isSilent: false, firstByteAt: undefined }
  try {
    await readOn(job, ends, end)
    return end.isCut ? { ...end, isWhole: true } : await endOf(job, ends, end)
  } catch {
    // The provider broke off, or sends what nobody can keep. A read that we cut short is answered with the end by streams made in
    // JavaScript, and rejected by those of sockets.
    if (ends.provider.isCut) return endOf(job, ends, end).catch(() => end)
    ends.provider.cut()
    return end
  }
}

/**
 * Passes a stream on and reads it to its end, also when the client leaves: then for `drainMs` more, so that the usage in
 * the last event is not lost. Never rejects.
 */
export async function pump(job: PumpJob): Promise<PumpEnd> {
  const provider = new ProviderEnd(job, job)
  const client = new ClientEnd(job.client, () => provider.cutAfter(job.drainMs))
  const leave = () => client.leave()
  if (job.clientGone.aborted) leave()
  job.clientGone.addEventListener('abort', leave)
  const passed = await passOn(job, { provider, client })
  const end = { ...passed, isClientGone: client.isGone }
  job.clientGone.removeEventListener('abort', leave)
  provider.done()
  // A silent provider's stream has been ended in words.
  await client.finish(end.isWhole || end.isSilent)
  return end
}
