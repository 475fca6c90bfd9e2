import { html } from 'hono/html'
import { htmlPage, withCode } from './html-page.ts'
import type { OpenApiDocument } from './open-api-document.ts'
import type { Operation } from './operation-of.ts'
import { boundsOf, renderSchema, typeOf } from './render-schema.ts'
import type { JsonSchema } from './schema-of.ts'

type Entry = { path: string; method: string; operation: Operation }

function parametersOf({ parameters }: Operation) {
  if (parameters.length === 0) return ''
  const rows = parameters.map(one => {
    const isRequired = 'required' in one && one.required
    const schema = one.schema as JsonSchema
    return html`<tr><td><code>${one.name}</code></td><td>${one.in}${isRequired ? ', required' : ''}</td><td>${typeOf(schema)}</td><td>${boundsOf(schema)}</td></tr>`
  })
  return html`<h4>Parameters</h4><table>${rows}</table>`
}

function bodyOf(operation: Operation) {
  if (!('requestBody' in operation)) return ''
  return html`<h4>Body</h4>${renderSchema(operation.requestBody?.content['application/json'].schema as JsonSchema)}`
}

function responsesOf({ responses }: Operation) {
  const all = Object.entries(
    responses as Record<string, { description: string; content?: Record<string, { schema: JsonSchema }> }>,
  )
  return all.map(([status, { description, content }]) => {
    const schemas = Object.values(content ?? {}).map(({ schema }) => renderSchema(schema))
    if (!status.startsWith('2')) return html`<p><code>${status}</code> ${description}</p>`
    return html`<details><summary><code>${status}</code> ${description}</summary>${schemas}</details>`
  })
}

function section({ path, method, operation }: Entry) {
  const { operationId, summary } = operation
  const words = 'description' in operation ? html`<p>${withCode(operation.description)}</p>` : ''
  return html`<details id="${operationId}"><summary><b class="method">${method.toUpperCase()}</b> <code>${path}</code> ${summary}</summary>
${words}${parametersOf(operation)}${bodyOf(operation)}<h4>Answers</h4>${responsesOf(operation)}</details>`
}

function entriesOf({ paths }: OpenApiDocument): Entry[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  )
}

/** The document as a page. */
export function renderDocs(document: OpenApiDocument): Promise<Response> {
  const entries = entriesOf(document)
  const { title, description } = document.info
  const groups = document.tags.map(
    ({ name }) =>
      html`<h2 id="${name}">${name}</h2>${entries.filter(one => one.operation.tags[0] === name).map(section)}`,
  )
  const nav = document.tags.map(({ name }) => html`<a href="#${name}">${name}</a>`)
  const machines = html`<p>As a document for machines: <a href="/openapi.json">/openapi.json</a>. What can go wrong: <a href="/docs/errors">/docs/errors</a>.</p>`
  return htmlPage(`${title} API`, html`<p>${description}</p>${machines}<nav>${nav}</nav>${groups}`)
}
