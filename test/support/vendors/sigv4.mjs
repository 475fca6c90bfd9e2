// AWS's Signature Version 4, as a service checks it. Source: IAM user guide, "Create a signed AWS API request".
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
const MAX_SKEW_MS = 5 * 60_000

const sha256 = text => createHash('sha256').update(text).digest('hex')
const hmac = (key, text) => createHmac('sha256', key).update(text).digest()

// Each segment of the path as it came is encoded once more: only S3 does not want that.
function canonicalPath(path) {
  const twice = segment =>
    encodeURIComponent(segment).replace(/[!'()*]/g, sign => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  return path.split('/').map(twice).join('/')
}

function canonicalRequest({ method, url, headers, text }, names) {
  const [path, query = ''] = url.split('?')
  const lines = names.map(name => `${name}:${String(headers[name]).trim().replace(/\s+/g, ' ')}\n`)
  return [method, canonicalPath(path), query, lines.join(''), names.join(';'), sha256(text)].join('\n')
}

function signingKey(secret, scope) {
  return scope.reduce((key, part) => hmac(key, part), `AWS4${secret}`)
}

function isRecent(datetime) {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(datetime) ?? []
  return Math.abs(Date.now() - Date.UTC(+y, mo - 1, +d, +h, +mi, +s)) < MAX_SKEW_MS
}

// What has to be signed, where it is there.
function mustSign(headers) {
  return ['host', 'content-type', ...Object.keys(headers).filter(name => name.startsWith('x-amz-'))]
}

/** Why a request is not an account's own; `undefined` where it is. */
export function signatureFault(request, { accessKeyId, secretAccessKey, sessionToken, region, service }) {
  const { headers } = request
  const [, id, date, ...rest] = AUTHORIZATION.exec(headers.authorization ?? '') ?? []
  const [signedRegion, signedService, names = '', signature = ''] = rest
  const signed = names.split(';')
  const datetime = headers['x-amz-date'] ?? ''
  if (id !== accessKeyId) return 'not the access key of this account'
  if (signedRegion !== region || signedService !== service) return 'signed for another region or service'
  if (headers['x-amz-security-token'] !== sessionToken) return 'not the session token of this account'
  if (!datetime.startsWith(date) || !isRecent(datetime)) return 'signed too long ago'
  const unsigned = mustSign(headers).find(name => !signed.includes(name))
  if (unsigned) return `${unsigned} is not signed`
  const scope = [date, region, service, 'aws4_request']
  const toSign = ['AWS4-HMAC-SHA256', datetime, scope.join('/'), sha256(canonicalRequest(request, signed))].join('\n')
  const right = hmac(signingKey(secretAccessKey, scope), toSign)
  return timingSafeEqual(right, Buffer.from(signature, 'hex')) ? undefined : 'the signature does not match'
}
