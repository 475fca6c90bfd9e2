import { z } from 'zod'
import { AcceptInput, MemberInput, RoleInput } from '../../contracts/member-input.ts'
import { TenantInput } from '../../contracts/tenant-input.ts'
import { BrandingInput, FlagInput } from '../../contracts/tenant-page-input.ts'
import { listOf, PageQuery } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { acceptInvitation } from './accept-invitation.ts'
import { BrandingShape, getBranding, putBranding } from './branding.ts'
import { deleteFlag, putFlag } from './change-flag.ts'
import { changeRole, getMember, removeMember } from './change-member.ts'
import { FlagShape, FlagValuesShape } from './flag-shape.ts'
import { getPlan, PlanShape } from './get-plan.ts'
import { getTenant } from './get-tenant.ts'
import { inviteMember } from './invite-member.ts'
import { listInvitations, listMembers } from './list-members.ts'
import { InvitationShape, MemberShape, NewInvitationShape } from './member-shape.ts'
import { getFlag, getFlagValues } from './read-flags.ts'
import { revokeInvitation } from './revoke-invitation.ts'
import { TenantShape } from './tenant-shape.ts'
import { updateTenant } from './update-tenant.ts'

const tag = 'Tenant'
const read = { tag, access: { scope: 'tenant:read' } } as const
const write = { tag, access: { scope: 'tenant:write' } } as const
const readMembers = { tag: 'Members', access: { scope: 'members:read' } } as const
const writeMembers = { tag: 'Members', access: { scope: 'members:write' } } as const
const data = <S extends z.ZodType>(shape: S) => z.object({ data: shape })
const hasEtag = true as const

/** What a tenant sets for itself: settings, branding, flags; and its plan, which it does not. */
const OWN_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/v1/tenant', ...read, hasEtag },
    operationId: 'getTenant',
    summary: 'Get the tenant and its settings',
    responses: { 200: data(TenantShape) },
    handler: getTenant,
  },
  {
    ...{ method: 'PATCH', path: '/v1/tenant', ...write, hasEtag },
    operationId: 'updateTenant',
    summary: 'Change what the body names of the tenant',
    body: TenantInput,
    responses: { 200: data(TenantShape) },
    handler: updateTenant,
  },
  {
    ...{ method: 'GET', path: '/v1/tenant/plan', ...read },
    operationId: 'getPlan',
    summary: 'Get the plan, which only the operator changes',
    responses: { 200: data(PlanShape) },
    handler: getPlan,
  },
  {
    ...{ method: 'GET', path: '/v1/tenant/branding', tag, access: 'signed_in', hasEtag },
    operationId: 'getBranding',
    summary: 'Get logo, colors and custom domain',
    responses: { 200: data(BrandingShape) },
    handler: getBranding,
  },
  {
    ...{ method: 'PUT', path: '/v1/tenant/branding', ...write, hasEtag },
    operationId: 'putBranding',
    summary: 'Set logo, colors and custom domain, all of them',
    body: BrandingInput,
    responses: { 200: data(BrandingShape) },
    handler: putBranding,
  },
  {
    ...{ method: 'GET', path: '/v1/tenant/feature-flags', tag, access: 'signed_in' },
    operationId: 'getFlagValues',
    summary: 'Get what each feature flag is for the caller',
    responses: { 200: data(FlagValuesShape) },
    handler: getFlagValues,
  },
  {
    ...{ method: 'GET', path: '/v1/tenant/feature-flags/:name', ...read, hasEtag },
    operationId: 'getFlag',
    summary: 'Get a feature flag as it was set',
    responses: { 200: data(FlagShape) },
    handler: getFlag,
  },
  {
    ...{ method: 'PUT', path: '/v1/tenant/feature-flags/:name', ...write, hasEtag },
    operationId: 'putFlag',
    summary: 'Make a feature flag, or set all of it',
    body: FlagInput,
    responses: { 200: data(FlagShape) },
    handler: putFlag,
  },
  {
    ...{ method: 'DELETE', path: '/v1/tenant/feature-flags/:name', ...write, hasEtag },
    operationId: 'deleteFlag',
    summary: 'Delete a feature flag',
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    handler: deleteFlag,
  },
]

/** Who is in a tenant, and who is invited. */
const MEMBER_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/v1/tenant/members', ...readMembers },
    operationId: 'listMembers',
    summary: 'List members with their roles, the oldest first',
    query: PageQuery,
    responses: { 200: listOf(MemberShape) },
    handler: listMembers,
  },
  {
    ...{ method: 'POST', path: '/v1/tenant/members', ...writeMembers },
    operationId: 'inviteMember',
    summary: 'Invite somebody; the token is in this answer and in no other',
    body: MemberInput,
    responses: { 201: data(NewInvitationShape) },
    secret: ['data', 'token'],
    handler: inviteMember,
  },
  {
    ...{ method: 'GET', path: '/v1/tenant/members/:id', ...readMembers, hasEtag },
    operationId: 'getMember',
    summary: 'Get a member',
    responses: { 200: data(MemberShape) },
    handler: getMember,
  },
  {
    ...{ method: 'PATCH', path: '/v1/tenant/members/:id/role', ...writeMembers, hasEtag },
    operationId: 'changeRole',
    summary: "Change a member's role, at once",
    body: RoleInput,
    responses: { 200: data(MemberShape) },
    handler: changeRole,
  },
  {
    ...{ method: 'DELETE', path: '/v1/tenant/members/:id', ...writeMembers, hasEtag },
    operationId: 'removeMember',
    summary: 'Remove a member, at once',
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    handler: removeMember,
  },
  {
    ...{ method: 'GET', path: '/v1/tenant/invitations', ...readMembers },
    operationId: 'listInvitations',
    summary: 'List invitations that were neither accepted nor revoked',
    query: PageQuery,
    responses: { 200: listOf(InvitationShape) },
    handler: listInvitations,
  },
  {
    ...{ method: 'DELETE', path: '/v1/tenant/invitations/:id', ...writeMembers },
    operationId: 'revokeInvitation',
    summary: 'Revoke an invitation',
    responses: { 200: z.object({ revoked: z.literal(true) }) },
    handler: revokeInvitation,
  },
  {
    ...{ method: 'POST', path: '/v1/auth/invitations/accept', tag: 'Members', access: 'public' },
    operationId: 'acceptInvitation',
    summary: 'Become a member by the token of an invitation',
    body: AcceptInput,
    responses: { 201: data(z.object({ tenant_id: z.string(), ...MemberShape.shape })) },
    handler: acceptInvitation,
  },
]

/** The routes of `/v1/tenant`. */
export const TENANT_ROUTES: readonly RouteSpec[] = [...OWN_ROUTES, ...MEMBER_ROUTES]
