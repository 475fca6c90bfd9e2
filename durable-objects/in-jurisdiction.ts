/** A jurisdiction, as a deployment's settings say it. */
type Deployment = { JURISDICTION: string }

/**
 * A namespace in a jurisdiction: an object speaks only to objects that live where it does. workerd has no
 * jurisdictions and throws where one is asked for, so a local deployment is of none.
 */
export function inJurisdiction<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  { JURISDICTION }: Deployment,
): DurableObjectNamespace<T> {
  const isBound = JURISDICTION === 'eu' || JURISDICTION === 'us'
  return isBound ? namespace.jurisdiction(JURISDICTION) : namespace
}
