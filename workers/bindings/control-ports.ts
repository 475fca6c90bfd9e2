import type { ControlPorts } from '../control/ports.ts'
import { downloadTokens } from '../core/export/download-token.ts'
import { writeSecret } from '../core/key/account-secret.ts'
import { keyHash } from '../core/key/key-text.ts'
import { listTools } from '../mcp/list-tools.ts'
import { pricedModelAt } from '../providers/priced-models.ts'
import { VENDORS } from '../providers/vendors.ts'
import { deployment } from './deployment.ts'
import { mcpWorld, NO_LIFETIME } from './gateway-ports.ts'
import { pushToAll } from './meters.ts'
import { ratePorts } from './rate-ports.ts'
import { routingPorts } from './routing-ports.ts'
import { pricedModelsOf, sellerOf } from './sellers.ts'
import { signInObjects } from './sign-in-objects.ts'
import { usagePorts } from './usage-ports.ts'
import { wakeExport, wakeWebhook } from './wake.ts'

/** The management API's ports. */
export function controlPorts(env: Env): ControlPorts {
  const { databases, settings, ring, providers, newCallId, meterOf, budgetOf, seals, mayReferTo, signIn, addressFlaw } =
    deployment(env)
  const { JURISDICTION: jurisdiction } = settings
  return {
    ...databases(),
    nowMs: Date.now,
    newId: () => crypto.randomUUID(),
    newTimedId: newCallId,
    setupToken: settings.WEIR_SETUP_TOKEN,
    setupMode: settings.SETUP_MODE,
    isOpen: settings.GOVERNANCE_OPEN === 'on',
    async mintKey(kind, ids) {
      const text = ring.mint(kind, { ...ids, jurisdiction })
      return { text, hash: keyHash(text) }
    },
    async readKey(kind, text) {
      const ref = ring.read(kind, text)
      return ref && { tenantId: ref.tenantId, id: ref.id, hash: keyHash(text) }
    },
    providers: () => [...providers.keys()],
    vendors: () => VENDORS.map(({ name }) => name),
    models: name => pricedModelsOf(providers.get(name), name).map(one => one.model),
    pricedModels: name => pricedModelsOf(providers.get(name), name),
    pricedModel: (name, model) => pricedModelAt(sellerOf(providers.get(name), name) ?? { pricebook: name }, model),
    mayReferTo,
    sealSecret: (secret, owner) => seals.seal(writeSecret(secret), owner),
    resealSecret: seals.reseal,
    addressFlaw,
    listMcpTools: server => listTools(server, mcpWorld(env, NO_LIFETIME)),
    pushSnapshot: snapshot => pushToAll(snapshot, meterOf),
    pushScope: snapshot => budgetOf(snapshot).putSnapshot(snapshot),
    ...usagePorts(env),
    wakeWebhook: webhook => wakeWebhook(env, webhook),
    ...routingPorts(env),
    ...ratePorts(env),
    signIn: { ...signIn, ...signInObjects(env) },
    exports: {
      wake: ref => wakeExport(env, ref),
      open: (key, range) => env.ARCHIVE.get(key, range && { range }),
      tokens: downloadTokens(settings.WEIR_SECRET, settings.WEIR_SECRET_PREVIOUS),
    },
    allowedOrigins: settings.ALLOWED_ORIGINS.split(',').flatMap(text => text.trim() || []),
    maxBodyBytes: settings.MAX_BODY_BYTES,
  }
}
