import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { OpenApiDocument } from './open-api-document.ts'
import type { Operation } from './operation-of.ts'

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f4f5f7;padding:.75rem;overflow:auto;border-radius:6px}
details{border:1px solid #d8dce2;border-radius:6px;margin:.5rem 0;padding:.5rem .75rem}summary{cursor:pointer}
b.method{display:inline-block;min-width:4.5rem}table{border-collapse:collapse}td{padding:.1rem .75rem .1rem 0;vertical-align:top}
nav a{margin-right:1rem}@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#14171b}pre{background:#1f242b}
details{border-color:#39414b}a{color:#8ab4f8}}`

/** What the page may do: show its own style, and nothing else. */
const CSP = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'`

type Entry = { path: string; method: string; operation: Operation }

const json = (value: unknown) => JSON.stringify(value, null, 2)

function parametersOf({ parameters }: Operation) {
  if (parameters.length === 0) return ''
  const rows = parameters.map(one => {
    const isRequired = 'required' in one && one.required
    return html`<tr><td><code>${one.name}</code></td><td>${one.in}${isRequired ? ', required' : ''}</td><td><code>${JSON.stringify(one.schema)}</code></td></tr>`
  })
  return html`<h4>Parameters</h4><table>${rows}</table>`
}

function bodyOf(operation: Operation) {
  if (!('requestBody' in operation)) return ''
  return html`<h4>Body</h4><pre>${json(operation.requestBody?.content['application/json'].schema)}</pre>`
}

function responsesOf({ responses }: Operation) {
  const all = Object.entries(
    responses as Record<string, { description: string; content?: Record<string, { schema: unknown }> }>,
  )
  return all.map(([status, { description, content }]) => {
    const schemas = Object.values(content ?? {}).map(({ schema }) => html`<pre>${json(schema)}</pre>`)
    if (!status.startsWith('2')) return html`<p><code>${status}</code> ${description}</p>`
    return html`<details><summary><code>${status}</code> ${description}</summary>${schemas}</details>`
  })
}

function section({ path, method, operation }: Entry) {
  const { operationId, summary } = operation
  const words = 'description' in operation ? html`<p>${operation.description}</p>` : ''
  return html`<details id="${operationId}"><summary><b class="method">${method.toUpperCase()}</b> <code>${path}</code> ${summary}</summary>
${words}${parametersOf(operation)}${bodyOf(operation)}<h4>Answers</h4>${responsesOf(operation)}</details>`
}

function entriesOf({ paths }: OpenApiDocument): Entry[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  )
}

/** The document as a page that needs nothing else: no script, no other address. */
export async function renderDocs(document: OpenApiDocument): Promise<Response> {
  const entries = entriesOf(document)
  const { title, description } = document.info
  const groups = document.tags.map(
    ({ name }) =>
      html`<h2 id="${name}">${name}</h2>${entries.filter(one => one.operation.tags[0] === name).map(section)}`,
  )
  const nav = document.tags.map(({ name }) => html`<a href="#${name}">${name}</a>`)
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title} API</title>
<meta name="viewport" content="width=device-width"><style>${raw(STYLE)}</style></head>
<body><h1>${title} API</h1><p>${description}</p><p>As a document for machines: <a href="/openapi.json">/openapi.json</a>.</p>
<nav>${nav}</nav>${groups}</body></html>`
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP }
  return new Response(String(await page), { headers })
}
