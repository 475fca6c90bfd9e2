import { declareGroups, declareTenant } from './declare-groups.ts'
import { declareKeys, type Names } from './declare-keys.ts'
import { declareLimits } from './declare-limits.ts'
import { declareMcp } from './declare-mcp.ts'
import { declarePolicies } from './declare-policies.ts'
import { declareProviders } from './declare-providers.ts'
import { declareWebhooks } from './declare-webhooks.ts'
import type { ConfigFile } from './file-schema.ts'
import type { Declared } from './object.ts'
import type { Problem } from './problem.ts'
import { type SecretSource, secretReader } from './secret.ts'

/** Where a section says what another one says too, or more than its kind can have. */
function repeated(declared: Declared[]): Problem[] {
  const seen = new Map<string, Declared>()
  return declared.flatMap(one => {
    const name = `${one.kind} ${one.name}`
    const other = seen.get(name)
    seen.set(name, one)
    return other
      ? [{ path: one.path, message: `declares the ${one.kind} ${one.name} once more: names are known once` }]
      : []
  })
}

function samePriority(declared: Declared[]): Problem[] {
  const seen = new Set<string>()
  return declared.flatMap(({ kind, spec, path }) => {
    if (kind !== 'routing_rule') return []
    const { scope = 'global', scope_name = '', priority = 0 } = spec
    const place = JSON.stringify([scope, scope_name, priority])
    const isTaken = seen.has(place)
    seen.add(place)
    return isTaken
      ? [{ path, message: `has the priority ${priority}, as another rule of its scope: give it another one` }]
      : []
  })
}

/** Everything that a file declares, and what is wrong with it beside what its schema says. */
export function declare(
  config: ConfigFile,
  names: Names,
  source: SecretSource,
): { declared: Declared[]; problems: Problem[] } {
  const reader = secretReader(source)
  const declared = [
    ...declareTenant(config),
    ...declareGroups(config),
    ...declareProviders(config, reader),
    ...declareMcp(config, reader),
    ...declareLimits(config, names),
    ...declareKeys(config, names),
    ...declarePolicies(config, names),
    ...declareWebhooks(config, reader),
  ]
  return { declared, problems: [...reader.problems, ...repeated(declared), ...samePriority(declared)] }
}
