import type { ConfigFile } from './file-schema.ts'
import { type Declared, type Spec, tidy } from './object.ts'
import type { Path } from './problem.ts'
import type { secretReader } from './secret.ts'

type WebhookSpec = NonNullable<ConfigFile['webhooks']>[number]

/** A webhook as a spec has it: without its secret, of which the API shows nothing. */
export function webhookSpec({ url, events, active }: Omit<WebhookSpec, 'secret'>): Spec {
  return tidy({ url, events: [...new Set(events)].sort(), active }, { active: true })
}

function declareWebhook(webhook: WebhookSpec, path: Path, { read }: ReturnType<typeof secretReader>): Declared {
  const secret = read(webhook.secret, [...path, 'secret'])
  const secrets = secret && { secret: secret.sent }
  return { kind: 'webhook', name: webhook.url, spec: webhookSpec(webhook), path, refs: [], ...(secrets && { secrets }) }
}

/** The webhooks of a file. */
export function declareWebhooks({ webhooks = [] }: ConfigFile, reader: ReturnType<typeof secretReader>): Declared[] {
  return webhooks.map((one, index) => declareWebhook(one, ['webhooks', index], reader))
}
