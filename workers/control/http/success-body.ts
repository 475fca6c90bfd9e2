import { z } from 'zod'

/** The envelope of TensorCost's routes. `count`: how many rows a list has, 1 of a thing. */
export function successBody<T>(data: T, count = Array.isArray(data) ? data.length : 1) {
  return { success: true as const, data, count }
}

/** The shape of that envelope around this. */
export function successOf<S extends z.ZodType>(data: S) {
  return z.object({ success: z.literal(true), data, count: z.int().min(0) })
}
