import { z } from 'zod'
import { GroupInput } from '../../contracts/group-input.ts'
import type { GroupKind } from '../../db/group-record.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { createGroup } from './create-group.ts'
import { deleteGroup } from './delete-group.ts'
import { getGroup } from './get-group.ts'
import { GroupsQuery } from './governance-query.ts'
import { CustomerShape, governanceChange, governanceListOrMap, TeamShape } from './governance-shape.ts'
import { GROUP_TITLE } from './group-not-found.ts'
import { listGroups } from './list-groups.ts'
import { updateGroup } from './update-group.ts'

const SHAPE = { team: TeamShape, customer: CustomerShape }

function partsOf(kind: GroupKind) {
  const all = { path: `/api/governance/${kind}s`, tag: `${GROUP_TITLE[kind]}s` }
  const [read, write] = [{ scope: `${kind}s:read` } as const, { scope: `${kind}s:write` } as const]
  return { all, one: { ...all, path: `${all.path}/:id` }, read, write, title: GROUP_TITLE[kind] }
}

/** The routes of teams, or of customers. */
export function groupRoutes(kind: GroupKind): readonly RouteSpec[] {
  const { all, one, read, write, title } = partsOf(kind)
  const changed = { 200: governanceChange(kind, SHAPE[kind]) }
  return [
    {
      ...{ method: 'POST', ...all, access: write },
      operationId: `create${title}`,
      summary: `Make a ${kind}`,
      body: GroupInput,
      responses: changed,
      hasEtag: true,
      handler: createGroup(kind),
    },
    {
      ...{ method: 'GET', ...all, access: read },
      operationId: `list${title}s`,
      summary: `List ${kind}s, the oldest first`,
      query: GroupsQuery,
      responses: { 200: governanceListOrMap(`${kind}s`, SHAPE[kind]) },
      handler: listGroups(kind),
    },
    {
      ...{ method: 'GET', ...one, access: read },
      operationId: `get${title}`,
      summary: `Get a ${kind} with the usage of its limits`,
      responses: { 200: z.object({ [kind]: SHAPE[kind] }) },
      hasEtag: true,
      handler: getGroup(kind),
    },
    {
      ...{ method: 'PUT', ...one, access: write },
      operationId: `update${title}`,
      summary: `Change what the body names of a ${kind}`,
      body: GroupInput,
      responses: changed,
      hasEtag: true,
      handler: updateGroup(kind),
    },
    {
      ...{ method: 'DELETE', ...one, access: write },
      operationId: `delete${title}`,
      summary: `Delete a ${kind}; what was in it stays, without it`,
      responses: { 200: z.object({ message: z.string() }) },
      hasEtag: true,
      handler: deleteGroup(kind),
    },
  ]
}
