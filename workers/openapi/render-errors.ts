import { html } from 'hono/html'
import { ERRORS, type ErrorSpec } from '../errors/catalogue.ts'
import { htmlPage, withCode } from './html-page.ts'

function section([code, { status, title, type, retry, hint }]: [code: string, spec: ErrorSpec]) {
  const again = retry ? 'May be tried again.' : 'Not worth trying again.'
  return html`<h2 id="${code}"><code>${code}</code></h2>
<p>${title}. HTTP ${status}, <code>type</code> <code>${type}</code> on the data plane. ${again}</p><p>${withCode(hint)}</p>`
}

/** Every error of the catalogue, each where the `type` of its problem details points. */
export function renderErrors(): Promise<Response> {
  const words = 'The code of an error is public API: codes are added, never renamed.'
  return htmlPage('Errors of Weir', html`<p>${words}</p>${Object.entries(ERRORS).map(section)}`)
}
