/**
 * A body of the texts that a generator makes, in UTF-8. Nothing is made before it is read; a cancelled or aborted body
 * ends the generator; what the generator throws breaks the body off.
 */
export function byteStream(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await texts.next()
      if (done) controller.close()
      else controller.enqueue(utf8.encode(value))
    },
    async cancel() {
      await texts.return(undefined)
    },
  })
}
