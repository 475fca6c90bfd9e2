import { z } from 'zod'
import { LoginInput, PasswordInput, RefreshInput } from '../../contracts/auth-input.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { SessionShape } from './auth-shape.ts'
import { changePassword } from './change-password.ts'
import { logIn } from './log-in.ts'
import { logOut } from './log-out.ts'
import { refreshSession } from './refresh-session.ts'

const tag = 'Sign-in'
const responses = { 200: SessionShape }

/** The routes by which people sign in with a password, stay signed in, and leave. */
export const AUTH_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', path: '/v1/auth/login', tag, access: 'public' },
    operationId: 'logIn',
    summary: 'Sign in with email and password',
    body: LoginInput,
    responses,
    handler: logIn,
  },
  {
    ...{ method: 'POST', path: '/v1/auth/refresh-tokens', tag, access: 'public' },
    operationId: 'refreshSession',
    summary: 'Use up a refresh token for the next one and a new access token',
    body: RefreshInput,
    responses,
    handler: refreshSession,
  },
  {
    ...{ method: 'POST', path: '/v1/auth/logout', tag, access: 'public' },
    operationId: 'logOut',
    summary: 'End the sign-in that a refresh token came from',
    body: RefreshInput,
    responses: { 200: z.object({ data: z.object({ ended: z.literal(true) }) }) },
    handler: logOut,
  },
  {
    ...{ method: 'POST', path: '/v1/auth/password', tag, access: 'signed_in' },
    operationId: 'changePassword',
    summary: 'Change your own password, and end your other sign-ins',
    body: PasswordInput,
    responses: { 200: z.object({ data: z.object({ changed: z.literal(true) }) }) },
    handler: changePassword,
  },
]
