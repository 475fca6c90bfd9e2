import { AwsV4Signer } from 'aws4fetch'
import { GatewayError } from '../../errors/gateway-error.ts'
import { given } from '../../formats/given.ts'
import type { Outgoing } from '../http/door.ts'
import type { Access } from '../port.ts'

/** As AWS writes it: `eu-central-1`. It becomes a part of the address, so nothing else may be in it. */
const REGION = /^[a-z]{2,5}(-[a-z]+)+-\d{1,2}$/

/** The region of an account. Throws `provider_key_unusable` where it has none: there is none that could be meant. */
export function regionOf({ settings }: Access): string {
  const { region = '' } = settings
  if (REGION.test(region)) return region
  throw new GatewayError('provider_key_unusable', 'The key of Bedrock names no AWS region, such as eu-central-1.')
}

/**
 * The headers that sign a request by AWS's Signature Version 4, for an account that has an `accessKeyId`. `datetime` as AWS
 * writes it; now, unless said. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
 */
export async function signRequest(outgoing: Outgoing, access: Access, datetime?: string) {
  const { url, body } = outgoing
  if (typeof body !== 'string') throw new GatewayError('internal', 'Only text is signed.')
  const { accessKeyId = '', sessionToken } = access.settings
  const account = given({ accessKeyId, secretAccessKey: access.secret, sessionToken, region: regionOf(access) })
  const request = { method: 'POST', url, body, headers: { 'content-type': 'application/json' } }
  // All headers: AWS wants the content type signed, which the signer leaves out by itself.
  const signer = new AwsV4Signer({
    ...request,
    ...account,
    service: 'bedrock',
    allHeaders: true,
    ...given({ datetime }),
  })
  return Object.fromEntries((await signer.sign()).headers)
}
