/** A refusal as a vendor's own reader makes it. `param`: the field, where one is at fault. */
export function refusal(status, message, param) {
  return Object.assign(new Error(message), { status, param })
}

/** What a strict schema reads. Throws a refusal that names the field: a vendor takes no field that it does not know. */
export function strictly(schema, body) {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]
  throw refusal(400, `${path.join('.')}: ${message}`, path.join('.'))
}

/** Refuses results that answer no call, or leave one unanswered. */
export function refuseUnmatched(called, answered) {
  const [calls, results] = [called, answered].map(ids => JSON.stringify([...ids].sort()))
  if (calls !== results) throw refusal(400, `results ${results} do not answer the calls ${calls}`)
}

/** A picture as it is told back: its media type and its size in bytes. */
export function pictureOf(mediaType, base64) {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw refusal(400, 'a picture is no base64')
  return `${mediaType} of ${Buffer.from(base64, 'base64').length} bytes`
}

/** The same of a data URL. */
export function dataUrlPicture(url) {
  const [, mediaType, base64] = /^data:([^;,]+);base64,(.+)$/.exec(url) ?? []
  if (!mediaType) throw refusal(400, `not a data URL: ${url.slice(0, 40)}`)
  return pictureOf(mediaType, base64)
}
