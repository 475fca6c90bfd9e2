import { z } from 'zod'
import { parseLossless } from '../../../contracts/lossless-json.ts'
import { GatewayError } from '../../../errors/gateway-error.ts'
import { asRecord } from '../../../formats/as-record.ts'
import type { FormatName } from '../../../formats/format-name.ts'
import type { Asked, Door } from '../door.ts'
import { askEntra } from './ask-entra.ts'
import { TokenCache } from './token-cache.ts'

const Deployments = z.record(z.string(), z.string().min(1))

/** The deployments of an account: names of models in lower case, each with that of its deployment. Throws where it is none. */
export function readDeployments(text: string | undefined): Map<string, string> {
  if (!text) return new Map()
  try {
    const read = Deployments.parse(JSON.parse(text))
    return new Map(Object.entries(read).map(([model, deployment]) => [model.toLowerCase(), deployment]))
  } catch (cause) {
    const detail = 'The deployments of the Azure account are no JSON object of names.'
    throw new GatewayError('provider_key_unusable', detail, { cause })
  }
}

function deploymentOf({ request: { model }, access: { settings } }: Asked): string {
  return readDeployments(settings.deployments).get(model.toLowerCase()) ?? model
}

/** Those whose older addresses have no deployment in them: it is the `model` of the body. */
const BY_BODY: ReadonlySet<FormatName> = new Set(['openai-responses'])

function isByBody({ format, access: { settings } }: Asked): boolean {
  return settings.apiVersion === undefined || BY_BODY.has(format)
}

// Portals show the endpoint with and without the path that clients append.
function resourceOf({ baseUrl }: Asked['access']): string {
  return baseUrl.replace(/\/openai(\/v1)?$/, '')
}

function address(asked: Asked): string {
  const { access, path } = asked
  const { apiVersion } = access.settings
  const root = `${resourceOf(access)}/openai`
  if (apiVersion === undefined) return `${root}/v1${path}`
  const query = `api-version=${encodeURIComponent(apiVersion)}`
  if (isByBody(asked)) return `${root}${path}?${query}`
  return `${root}/deployments/${encodeURIComponent(deploymentOf(asked))}${path}?${query}`
}

function body(asked: Asked): string | FormData {
  const { body, model } = asked.request
  const deployment = deploymentOf(asked)
  if (typeof body !== 'string' || deployment === model || !isByBody(asked)) return body
  return JSON.stringify({ ...asRecord(parseLossless(body)), model: deployment })
}

/** An access token of Entra is a JWT; a key of Azure has no dots. */
const IS_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/
const BEARER = 'Bearer '

function isApp({ access: { settings } }: Asked): boolean {
  return settings.tenantId !== undefined && settings.clientId !== undefined
}

function appOf({ access: { secret, settings } }: Asked): string {
  return [settings.loginUrl, settings.tenantId, settings.clientId, secret].join(' ')
}

/**
 * Azure OpenAI: the `v1` addresses, or those of `apiVersion` where that is set; opened by a key, by an access token of Entra,
 * or by the secret of an app that is registered there. Settings: `apiVersion`, `deployments` (JSON: model to deployment; a
 * deployment is named as its model unless said), `tenantId` and `clientId` (of the app), `loginUrl`. Source: Azure OpenAI in
 * Foundry Models REST API reference; API version lifecycle.
 */
export function azureDoor(tokens = new TokenCache()): Door {
  return {
    address,
    body,
    async prove(_, asked) {
      const { secret } = asked.access
      if (isApp(asked)) {
        return { authorization: BEARER + (await tokens.get(appOf(asked), asked.nowMs, () => askEntra(asked))) }
      }
      return IS_TOKEN.test(secret) ? { authorization: BEARER + secret } : { 'api-key': secret }
    },
    disown({ authorization = '' }, asked) {
      tokens.disown(appOf(asked), authorization.slice(BEARER.length))
      return isApp(asked)
    },
  }
}
