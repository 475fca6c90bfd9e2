import { anyUrl } from './subjects/any-url.mjs'
import { bare } from './subjects/bare.mjs'
import { bifrost } from './subjects/bifrost.mjs'
import { holding } from './subjects/holding.mjs'
import { litellm } from './subjects/litellm.mjs'
import { portkey } from './subjects/portkey.mjs'
import { upstream } from './subjects/upstream.mjs'
import { weir } from './subjects/weir.mjs'
import { weirOnWorkerd } from './subjects/weir-workerd.mjs'

const ALL = [upstream, bare, holding, weirOnWorkerd, weir, portkey, litellm, bifrost]

/** The subjects that were asked for; the provider itself is always among them, since the others are compared with it. */
export function chosenSubjects({ only, given }) {
  const chosen = only ? ALL.filter(({ id }) => id === 'upstream' || only.includes(id)) : ALL
  return given ? [...chosen, anyUrl(given)] : chosen
}
