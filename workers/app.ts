import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { apiDocument } from './api-document.ts'
import { controlPorts, gatewayPorts } from './bindings.ts'
import { controlApp } from './control/app.ts'
import { GatewayError, toGatewayError } from './errors/gateway-error.ts'
import { renderGovernance, renderOpenAI, renderProblem } from './errors/render.ts'
import { renderAnthropic } from './errors/render-anthropic.ts'
import { requestIdOf } from './gateway/attribute.ts'
import { presentedText } from './gateway/authenticate.ts'
import { cancelBatch, createBatch, showBatch } from './gateway/batches/serve-batches.ts'
import { type Call, continentOf } from './gateway/call.ts'
import { COUNT_TOKENS_PATH, countTokens } from './gateway/count-tokens.ts'
import { drain } from './gateway/drain.ts'
import { listKeyProviders } from './gateway/explain/describe-providers.ts'
import { explainKeyRoute } from './gateway/explain/explain-route.ts'
import { deleteFile, fileContent, refuseList, showFile, uploadFile } from './gateway/files/serve-files.ts'
import { EXECUTE_PATH, executeTool } from './gateway/mcp/execute-tool.ts'
import { getKeyModel, listKeyModels } from './gateway/models/list-models.ts'
import { modelShapeOf } from './gateway/models/model-shape.ts'
import type { GatewayPorts } from './gateway/ports.ts'
import { serveCall } from './gateway/serve-call.ts'
import { WIRE_PATHS, wireAt } from './gateway/wires/wire-at.ts'
import { healthOf } from './health-of.ts'
import { renderDocs } from './openapi/render-docs.ts'
import { renderErrors } from './openapi/render-errors.ts'
import { securityHeaders } from './security-headers.ts'
import { describe, logEvent } from './telemetry/log.ts'
import { traceIdOf } from './telemetry/trace-id.ts'

type Vars = { call: Call; requestId: string; traceId: string; isLogged: boolean }
type AppEnv = { Bindings: Env; Variables: Vars }
type Render = typeof renderProblem
type Stage = (call: Call, ports: GatewayPorts, c: Context<AppEnv>) => Promise<Response>

/** Where models are listed; Gemini's clients have an address of their own. */
const MODEL_PATHS = ['/v1/models', '/v1beta/models']

/** How a failure is said on the wire that a request speaks; where its address speaks none, as models are told there. */
function rendererFor(request: Request): Render {
  return wireAt(request.url)?.wire.renderError ?? modelShapeOf(request).renderError
}

// Clients of the governance API look for its error body wherever they ask (contract 1.0).
function renderNotFound(path: string): Render {
  return isGovernance(path) ? renderGovernance : renderProblem
}

function isGovernance(path: string): boolean {
  return path.startsWith('/api/')
}

// As Go's encoder writes it, so that what was compared byte by byte goes on being the same (contract 1.0): JSON has these
// characters in texts alone, where their escapes mean the same.
async function asGoWrites(answer: Response): Promise<Response> {
  const { status, headers } = answer
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  const text = (await answer.text()).replaceAll(/[<>&\u2028\u2029]/g, escaped)
  return new Response(text === '' ? null : `${text}\n`, { status, headers })
}

/** Runs one data-plane request; what it throws is answered in the words of its wire. */
function dataPlane(stage: Stage, render?: Render) {
  return async (c: Context<AppEnv>): Promise<Response> => {
    const ports = gatewayPorts(c.env, c.executionCtx)
    try {
      const answer = stage(c.get('call'), ports, c)
      // Also when the client leaves before there is an answer: what was sent has to be settled.
      ports.after(answer.catch(() => undefined))
      return await answer
    } catch (thrown) {
      await drain(c.req.raw)
      return refuse(c, thrown, render ?? rendererFor(c.req.raw))
    }
  }
}

/** What a log line says of a failure, its cause among it. */
function failureOf(thrown: unknown): Record<string, unknown> {
  const { code, extras } = toGatewayError(thrown)
  return { code, ...(extras.cause !== undefined && { cause: describe(extras.cause) }) }
}

function refuse(c: Context<AppEnv>, thrown: unknown, render: Render): Response {
  const error = toGatewayError(thrown)
  logRequest(c, error.status, failureOf(error))
  return render(error, c.get('requestId'), { traceId: c.get('traceId'), nowMs: c.get('call').startMs })
}

function logRequest(c: Context<AppEnv>, status: number, facts: Record<string, unknown> = {}): void {
  const { id, requestId } = c.get('call')
  c.set('isLogged', true)
  logEvent({
    event: 'request',
    request_id: requestId,
    call_id: id,
    trace_id: c.get('traceId'),
    method: c.req.method,
    path: c.req.path,
    status,
    ...facts,
  })
}

// A path that matches and still says nothing a wire knows, such as a method of Gemini's that Weir does not have.
async function serveWire(call: Call, ports: GatewayPorts, c: Context<AppEnv>): Promise<Response> {
  const at = wireAt(c.req.url)
  if (!at) throw new GatewayError('not_found', `There is no ${c.req.method} ${c.req.path}.`)
  return serveCall(call, at, ports)
}

const showModel = dataPlane((call, ports, c) => getKeyModel(call, c.req.param('id') ?? '', ports))

/** What OpenAI's clients keep at a provider: files, and batches of requests. */
function serveKept(app: Hono<AppEnv>): void {
  const of = (stage: (call: Call, id: string, ports: GatewayPorts) => Promise<Response>) =>
    dataPlane((call, ports, c) => stage(call, c.req.param('id') ?? '', ports), renderOpenAI)
  app.post('/v1/files', dataPlane(uploadFile, renderOpenAI))
  app.get('/v1/files', dataPlane(refuseList, renderOpenAI))
  app.get('/v1/files/:id', of(showFile))
  app.delete('/v1/files/:id', of(deleteFile))
  app.get('/v1/files/:id/content', of(fileContent))
  app.post('/v1/batches', dataPlane(createBatch, renderOpenAI))
  app.get('/v1/batches', dataPlane(refuseList, renderOpenAI))
  app.get('/v1/batches/:id', of(showBatch))
  app.post('/v1/batches/:id/cancel', of(cancelBatch))
  for (const path of ['/v1/files', '/v1/files/*', '/v1/batches', '/v1/batches/*']) {
    app.all(path, c =>
      refuse(c, new GatewayError('not_found', `There is no ${c.req.method} ${c.req.path}.`), renderOpenAI),
    )
  }
}

// Who shows a virtual key is answered by the data plane; anyone else is somebody's administrator, or nobody.
function serveQuestions(app: Hono<AppEnv>): void {
  const orElse = (stage: Stage): MiddlewareHandler<AppEnv> => {
    const answer = dataPlane(stage, renderProblem)
    return (c, next) => (presentedText(c.req.raw.headers)?.startsWith('sk-bf-') ? answer(c) : next())
  }
  app.post('/v1/route', orElse(explainKeyRoute))
  app.get('/v1/providers', orElse(listKeyProviders))
}

function usePost(): GatewayError {
  return new GatewayError('method_not_allowed', 'Use POST.')
}

function openCall(c: Context<AppEnv>): Call {
  const ports = gatewayPorts(c.env, c.executionCtx)
  const startMs = ports.nowMs()
  const id = ports.newCallId(startMs)
  const requestId = requestIdOf(c.req.raw.headers, id)
  return { id, requestId, startMs, request: c.req.raw, continent: continentOf(c.req.raw) }
}

/** Every plane behind one door: a request gets its id, is answered by its plane, and leaves one line in the log. */
export function buildApp(env: Env): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.use('*', async (c, next) => {
    c.set('call', openCall(c))
    c.set('requestId', c.get('call').requestId)
    c.set('traceId', traceIdOf(c.req.raw.headers, c.get('call').id))
    await next()
    if (isGovernance(c.req.path)) c.res = await asGoWrites(c.res)
    c.header('x-request-id', c.get('requestId'))
    for (const [name, value] of securityHeaders(c.res.headers)) c.header(name, value)
    // A call that was admitted logs itself when it is settled.
    const isCall = wireAt(c.req.url) !== undefined && c.res.status < 400
    if (!c.get('isLogged') && !isCall) logRequest(c, c.res.status, c.error ? failureOf(c.error) : {})
  })
  for (const path of MODEL_PATHS) {
    app.get(path, dataPlane(listKeyModels))
    // Gemini has its methods at the addresses of models.
    app.get(`${path}/:id{.+}`, (c, next) => (wireAt(c.req.url) ? next() : showModel(c)))
  }
  serveKept(app)
  serveQuestions(app)
  app.post(COUNT_TOKENS_PATH, dataPlane(countTokens, renderAnthropic))
  app.post(EXECUTE_PATH, dataPlane(executeTool, renderOpenAI))
  app.all(EXECUTE_PATH, c => refuse(c, usePost(), renderOpenAI))
  app.all(COUNT_TOKENS_PATH, c => refuse(c, usePost(), renderAnthropic))
  for (const path of WIRE_PATHS) {
    app.post(path, dataPlane(serveWire))
    app.all(path, c => refuse(c, usePost(), rendererFor(c.req.raw)))
  }
  app.get('/health', async c => c.json(await healthOf(controlPorts(env))))
  app.get('/openapi.json', c => c.json(apiDocument()))
  app.get('/docs', () => renderDocs(apiDocument()))
  app.get('/docs/errors', renderErrors)
  app.route('/', controlApp(controlPorts(env)))
  app.notFound(c =>
    refuse(c, new GatewayError('not_found', `There is no ${c.req.method} ${c.req.path}.`), renderNotFound(c.req.path)),
  )
  app.onError((thrown, c) => refuse(c, thrown, renderProblem))
  return app
}
