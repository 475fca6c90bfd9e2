import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f4f5f7;padding:.75rem;overflow:auto;border-radius:6px}
details{border:1px solid #d8dce2;border-radius:6px;margin:.5rem 0;padding:.5rem .75rem}summary{cursor:pointer}
b.method{display:inline-block;min-width:4.5rem}table{border-collapse:collapse}td{padding:.1rem .75rem .1rem 0;vertical-align:top}
nav a{display:inline-block;margin-right:1rem}td details{margin:.25rem 0}@media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#14171b}pre{background:#1f242b}
details{border-color:#39414b}a{color:#8ab4f8}}`

/** What a page may do: show its own style, and nothing else. */
const CSP = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'`

/** A page that needs nothing else: no script, no other address. `body` is HTML in which all that is not ours is escaped. */
export async function htmlPage(title: string, body: ReturnType<typeof html>): Promise<Response> {
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width"><style>${raw(STYLE)}</style></head>
<body><h1>${title}</h1>${body}</body></html>`
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP }
  return new Response(String(await page), { headers })
}

/** A text in which what stands between backquotes is code; the rest of Markdown is not known here. */
export function withCode(text: string) {
  return text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))
}
