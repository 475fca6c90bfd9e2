import { z } from 'zod'

/** The most fallbacks, retries, and milliseconds that may be asked for. */
const MAX_FALLBACKS = 8
const MAX_RETRIES = 5
const MAX_MS = 3_600_000

const retries = { error: `must be a whole number from 0 to ${MAX_RETRIES}` }
const ms = { error: `must be a whole number of milliseconds from 1 to ${MAX_MS}` }
const balance = { error: 'must be weight, price, latency or least_busy' }
const fallbacks = { error: `must be at most ${MAX_FALLBACKS} models, each as provider/model` }

const Retries = z.int(retries).min(0, retries).max(MAX_RETRIES, retries)
const Milliseconds = z.int(ms).min(1, ms).max(MAX_MS, ms)
const BalanceName = z.enum(['weight', 'price', 'latency', 'least_busy'], balance)
/** Models to be asked where the first choice fails, `provider/model`, in the order to be tried. */
export const Fallbacks = z
  .array(z.string(fallbacks).regex(/^[^/\s]+\/\S+$/, fallbacks), fallbacks)
  .max(MAX_FALLBACKS, fallbacks)

function numeric(schema: typeof Milliseconds, error: string) {
  return z
    .string()
    .regex(/^\d{1,9}$/, { error })
    .transform(Number)
    .pipe(schema)
}

/** The same in the headers of one request. */
export const ReliabilityHeaders = z.object({
  'x-weir-max-retries': numeric(Retries, retries.error).optional(),
  'x-weir-timeout-ms': numeric(Milliseconds, ms.error).optional(),
  'x-weir-first-token-ms': numeric(Milliseconds, ms.error).optional(),
  'x-weir-answer-ms': numeric(Milliseconds, ms.error).optional(),
  'x-weir-hedge-after-ms': numeric(Milliseconds, ms.error).optional(),
  'x-weir-balance': BalanceName.optional(),
  'x-weir-fallbacks': z
    .string()
    .transform(text => text.split(',').map(one => one.trim()))
    .pipe(Fallbacks)
    .optional(),
})

const whole = {
  error:
    'must be an object of max_retries, deadline_ms, first_token_ms, answer_ms, idle_ms, hedge_after_ms, balance and fallbacks',
}

/** How a key's requests are served where providers fail or are slow; what is absent or `null` is the default. */
export const ReliabilityInput = z.strictObject(
  {
    max_retries: Retries.nullish(),
    deadline_ms: Milliseconds.nullish(),
    first_token_ms: Milliseconds.nullish(),
    answer_ms: Milliseconds.nullish(),
    idle_ms: Milliseconds.nullish(),
    hedge_after_ms: Milliseconds.nullish(),
    balance: BalanceName.nullish(),
    fallbacks: Fallbacks.nullish(),
  },
  whole,
)
export type ReliabilityInput = z.infer<typeof ReliabilityInput>
