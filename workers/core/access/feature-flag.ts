import { createHash } from 'node:crypto'
import type { Role } from './role.ts'

/** For whom a flag is on: for those of these roles (`null`: any), and of them for so many in a hundred. */
export type FlagRule = { isEnabled: boolean; percentage: number; roles: Role[] | null }

/** Who looks at a flag. `id` is unique within its kind. */
export type FlagViewer = { tenantId: string; kind: string; id: string; role: Role }

/** Where somebody stands with a flag, from 0 to 99: always at the same place, and with another flag at another. */
export function bucketOf(flag: string, { tenantId, kind, id }: Omit<FlagViewer, 'role'>): number {
  const hash = createHash('sha256')
    .update(JSON.stringify([tenantId, flag, kind, id]))
    .digest()
  return hash.readUIntBE(0, 6) % 100
}

/** Whether a flag is on for somebody. Who has it at some percentage has it at any higher one. */
export function isFlagOn(flag: string, rule: FlagRule, viewer: FlagViewer): boolean {
  const { isEnabled, percentage, roles } = rule
  const isMeant = roles === null || roles.includes(viewer.role)
  return isEnabled && isMeant && bucketOf(flag, viewer) < percentage
}
