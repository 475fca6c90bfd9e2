// Google Vertex AI: Gemini's and Anthropic's wires at Vertex's addresses, opened by an access token, which a service account
// gets for an assertion that it signed. Source: Vertex AI REST reference; Claude on Vertex AI; RFC 7523.
import { generateKeyPairSync, verify } from 'node:crypto'
import { createServer } from 'node:http'
import { anthropicMessages } from './anthropic-messages.mjs'
import { gemini } from './gemini.mjs'
import { refusal } from './refuse.mjs'

const PROJECT = 'weir-test'
const REGION = 'europe-west4'
const EMAIL = `weir@${PROJECT}.iam.gserviceaccount.com`

const BASE = `/v1/projects/${PROJECT}/locations/${REGION}/publishers`
const GEMINI = new RegExp(`^${BASE}/google/models/([\\w.-]+):(generateContent|streamGenerateContent)(\\?alt=sse)?$`)
const CLAUDE = new RegExp(`^${BASE}/anthropic/models/([\\w.@-]+):(rawPredict|streamRawPredict)$`)

const tokens = new Set()

const key = ({ authorization = '' }) => (tokens.has(authorization.replace('Bearer ', '')) ? 'sk-vendor' : undefined)

function geminiRoute(url) {
  const [, model, method, alt] = GEMINI.exec(url) ?? []
  const isStream = method === 'streamGenerateContent'
  return model && isStream === (alt !== undefined) ? { model, isStream } : undefined
}

function claudeRoute(url) {
  const [, model, method] = CLAUDE.exec(decodeURIComponent(url)) ?? []
  return model && { model, isStream: method === 'streamRawPredict' }
}

function readClaude({ anthropic_version, ...body }, { model, isStream }) {
  if (anthropic_version !== 'vertex-2023-10-16') throw refusal(400, 'anthropic_version: not Vertex')
  if (body.model !== undefined) throw refusal(400, 'model: Extra inputs are not permitted')
  if ((body.stream ?? false) !== isStream) throw refusal(400, 'stream: not what the method says')
  return anthropicMessages.read({ ...body, model })
}

/** Gemini on Vertex, as a scripted vendor speaks it. */
export const vertexGemini = { ...gemini, route: geminiRoute, key }

/** Claude on Vertex. */
export const vertexClaude = { ...anthropicMessages, route: claudeRoute, key, read: readClaude }

async function readForm(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return new URLSearchParams(Buffer.concat(parts).toString('utf8'))
}

const decoded = part => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))

// What Google looks at: who signed, for whom, and for how long.
function checkAssertion(assertion, { publicKey, audience }) {
  const [head = '', claims = '', signature = ''] = assertion.split('.')
  if (decoded(head).alg !== 'RS256') return 'not RS256'
  const isSigned = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${claims}`),
    publicKey,
    Buffer.from(signature, 'base64url'),
  )
  if (!isSigned) return 'the signature is not of this account'
  const { iss, aud, scope, iat, exp } = decoded(claims)
  if (iss !== EMAIL || aud !== audience) return 'not of this account, or not for this endpoint'
  if (scope !== 'https://www.googleapis.com/auth/cloud-platform') return 'not the scope of the cloud'
  const seconds = Date.now() / 1000
  return exp - iat > 3600 || iat > seconds + 60 || exp < seconds ? 'not of this hour' : undefined
}

/** Starts a token endpoint for one service account. `credentials`: its key file; `granted`: how many tokens it gave. */
export async function startTokenEndpoint() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const granted = []
  const server = createServer(async (request, response) => {
    const form = await readForm(request)
    const isGrant = form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer'
    const flaw = isGrant ? checkAssertion(form.get('assertion') ?? '', { publicKey, audience: url() }) : 'no such grant'
    const token = `ya29.${granted.length}`
    if (!flaw) tokens.add(granted[granted.push(token) - 1])
    response.writeHead(flaw ? 400 : 200, { 'content-type': 'application/json' })
    const body = flaw ? { error: 'invalid_grant', error_description: flaw } : { access_token: token, expires_in: 3599 }
    response.end(JSON.stringify({ ...body, ...(!flaw && { token_type: 'Bearer' }) }))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const url = () => `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}/token`
  const credentials = {
    type: 'service_account',
    project_id: PROJECT,
    private_key_id: 'key-1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: EMAIL,
    token_uri: 'https://oauth2.googleapis.com/token',
  }
  const stop = () => new Promise(resolve => server.close(() => resolve(undefined)))
  return {
    env: { VERTEX_CREDENTIALS: JSON.stringify(credentials), VERTEX_REGION: REGION, VERTEX_TOKEN_URL: url() },
    granted,
    stop,
  }
}
