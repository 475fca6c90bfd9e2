import { z } from 'zod'
import type { DocumentedRoute } from '../contracts/route-facts.ts'

const tag = 'About'
const access = 'public'

/** The routes that tell of the server itself, to anyone. */
export const ABOUT_ROUTES: readonly DocumentedRoute[] = [
  {
    ...{ method: 'GET', path: '/health', operationId: 'getHealth', tag, access },
    summary: 'Whether the Worker answers, and what it needs does',
    responses: {
      200: z.object({
        status: z.enum(['ok', 'degraded']),
        components: z.object({ db_pings: z.enum(['ok', 'error']) }),
      }),
    },
  },
  {
    ...{ method: 'GET', path: '/openapi.json', operationId: 'getOpenApi', tag, access },
    summary: 'This document',
    responses: { 200: z.object({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) }).loose() },
  },
  {
    ...{ method: 'GET', path: '/docs', operationId: 'getDocs', tag, access },
    summary: 'This document as a page',
    responses: { 200: 'A page of HTML.' },
  },
  {
    ...{ method: 'GET', path: '/docs/errors', operationId: 'getErrorDocs', tag, access },
    summary: 'What each error code means and what to do, where the `type` of a problem points',
    responses: { 200: 'A page of HTML.' },
  },
]
