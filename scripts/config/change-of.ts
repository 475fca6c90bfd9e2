import { bodyOf, type Ids, PATHS, providerKeyPath, updateMethod } from './body.ts'
import type { Change } from './connect.ts'
import type { Declared } from './object.ts'
import type { Step } from './plan.ts'

function pathOf({ kind, name }: Pick<Declared, 'kind' | 'name'>, id?: string): string {
  if (kind === 'provider_key') return providerKeyPath(name, id)
  return id === undefined ? PATHS[kind].all : PATHS[kind].one(id)
}

/** The request that a step asks for. */
export function changeOf(step: Step, { ids, tenantId }: { ids: Ids; tenantId: string }): Change {
  const { action, declared, live, hash } = step
  if (action === 'delete' && live) return { method: 'DELETE', path: pathOf(live, live.id) }
  if (!declared) throw new Error('a step that writes says what')
  const body = bodyOf({ declared, ids, tenantId, changes: live && step.changes })
  if (live) return { method: updateMethod(declared.kind), path: pathOf(declared, live.id), body, hash }
  return { method: 'POST', path: pathOf(declared), body, hash }
}
