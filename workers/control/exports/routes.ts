import { z } from 'zod'
import { ExportInput } from '../../contracts/export-input.ts'
import { listOf } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { createExport } from './create-export.ts'
import { deleteExport } from './delete-export.ts'
import { downloadExport } from './download-export.ts'
import { DownloadQuery, ExportShape, ExportsListQuery } from './export-shape.ts'
import { getExport } from './get-export.ts'
import { listExports } from './list-exports.ts'

const tag = 'Exports'
const read = { tag, access: { scope: 'exports:read' } } as const
const write = { tag, access: { scope: 'exports:write' } } as const

/** The routes of exports: files of events, or of what they cost in the columns of FOCUS. */
export const EXPORT_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', path: '/v1/exports', ...write },
    operationId: 'createExport',
    summary: 'Ask for a file of events, or of costs in the columns of FOCUS',
    body: ExportInput,
    responses: { 201: ExportShape },
    handler: createExport,
  },
  {
    ...{ method: 'GET', path: '/v1/exports', ...read },
    operationId: 'listExports',
    summary: 'List exports, the newest first',
    query: ExportsListQuery,
    responses: { 200: listOf(ExportShape) },
    handler: listExports,
  },
  {
    ...{ method: 'GET', path: '/v1/exports/:id', ...read },
    operationId: 'getExport',
    summary: 'How far an export is, and where its file is',
    responses: { 200: ExportShape },
    handler: getExport,
  },
  {
    ...{ method: 'DELETE', path: '/v1/exports/:id', ...write },
    operationId: 'deleteExport',
    summary: 'Delete an export and its file',
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    handler: deleteExport,
  },
  {
    ...{ method: 'GET', path: '/v1/exports/:id/download', tag, access: 'public' },
    operationId: 'downloadExport',
    summary: 'The file of an export, by its link; takes Range',
    query: DownloadQuery,
    responses: { 200: 'The file.', 206: 'The part of it that `Range` asks for.', 416: 'It is not that long.' },
    handler: downloadExport,
  },
]
