/** A stream that begins with what was read of it already. */
export function restored(
  first: Uint8Array<ArrayBuffer>[],
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const read = [...first]
  return new ReadableStream({
    async pull(controller) {
      const held = read.shift()
      const { done, value } = held ? { done: false, value: held } : await reader.read()
      if (done || !value) controller.close()
      else controller.enqueue(value)
    },
    cancel: reason => reader.cancel(reason),
  })
}
