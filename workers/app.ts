import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { apiDocument } from './api-document.ts'
import { controlPorts } from './bindings/control-ports.ts'
import { gatewayPorts } from './bindings/gateway-ports.ts'
import { controlApp } from './control/app.ts'
import { GatewayError } from './errors/gateway-error.ts'
import { renderGovernance, renderOpenAI, renderProblem } from './errors/render.ts'
import { renderAnthropic } from './errors/render-anthropic.ts'
import { presentedText } from './gateway/authenticate.ts'
import { cancelBatch, createBatch, showBatch } from './gateway/batches/serve-batches.ts'
import type { Call } from './gateway/call.ts'
import { COUNT_TOKENS_PATH, countTokens } from './gateway/count-tokens.ts'
import { drain } from './gateway/drain.ts'
import { listKeyProviders } from './gateway/explain/describe-providers.ts'
import { explainKeyRoute } from './gateway/explain/explain-route.ts'
import { deleteFile, fileContent, refuseList, showFile, uploadFile } from './gateway/files/serve-files.ts'
import { EXECUTE_PATH, executeTool } from './gateway/mcp/execute-tool.ts'
import { getKeyModel, listKeyModels } from './gateway/models/list-models.ts'
import { modelShapeOf } from './gateway/models/model-shape.ts'
import type { GatewayPorts } from './gateway/ports.ts'
import { WIRE_PATHS, wireAt } from './gateway/wires/wire-at.ts'
import { healthOf } from './health-of.ts'
import { renderDocs } from './openapi/render-docs.ts'
import { renderErrors } from './openapi/render-errors.ts'
import { failureOf, logVisit, openVisit, type Render, refuse, sent, type Visit } from './visit.ts'

// Of the ids the control plane knows no more than these.
type Vars = { visit: Visit; requestId: string; traceId: string }
type AppEnv = { Bindings: Env; Variables: Vars }
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
      const answer = stage(c.get('visit').call, ports, c)
      // Also when the client leaves before there is an answer: what was sent has to be settled.
      ports.after(answer.catch(() => undefined))
      return await answer
    } catch (thrown) {
      await drain(c.req.raw)
      return refuse(c.get('visit'), thrown, render ?? rendererFor(c.req.raw))
    }
  }
}

function notFound(c: Context<AppEnv>): GatewayError {
  return new GatewayError('not_found', `There is no ${c.req.method} ${c.req.path}.`)
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
    app.all(path, c => refuse(c.get('visit'), notFound(c), renderOpenAI))
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

/** Every plane behind one door: a request gets its id, is answered by its plane, and leaves one line in the log. */
export function buildApp(env: Env): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.use('*', async (c, next) => {
    const visit = openVisit(c.req.raw, c.req.path, gatewayPorts(c.env, c.executionCtx))
    c.set('visit', visit)
    c.set('requestId', visit.call.requestId)
    c.set('traceId', visit.traceId)
    await next()
    if (isGovernance(c.req.path)) c.res = await asGoWrites(c.res)
    c.res = sent(visit, c.res)
    if (!visit.isLogged) logVisit(visit, c.res.status, c.error ? failureOf(c.error) : {})
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
  app.all(EXECUTE_PATH, c => refuse(c.get('visit'), usePost(), renderOpenAI))
  app.all(COUNT_TOKENS_PATH, c => refuse(c.get('visit'), usePost(), renderAnthropic))
  for (const path of WIRE_PATHS) {
    // What speaks a wire was answered before it came here: this is a method of Gemini's that Weir does not have.
    app.post(path, c => refuse(c.get('visit'), notFound(c), rendererFor(c.req.raw)))
    app.all(path, c => refuse(c.get('visit'), usePost(), rendererFor(c.req.raw)))
  }
  app.get('/health', async c => c.json(await healthOf(controlPorts(env))))
  app.get('/openapi.json', c => c.json(apiDocument()))
  app.get('/docs', () => renderDocs(apiDocument()))
  app.get('/docs/errors', renderErrors)
  app.route('/', controlApp(controlPorts(env)))
  app.notFound(c => refuse(c.get('visit'), notFound(c), renderNotFound(c.req.path)))
  app.onError((thrown, c) => refuse(c.get('visit'), thrown, renderProblem))
  return app
}
