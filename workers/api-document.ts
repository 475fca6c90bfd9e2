import { CONTROL_ROUTES } from './control/routes.ts'
import { GATEWAY_ROUTES } from './gateway/routes.ts'
import { type OpenApiDocument, openApiDocument } from './openapi/open-api-document.ts'
import { ABOUT_ROUTES } from './openapi/routes.ts'

let known: OpenApiDocument | undefined

/** The document of all routes of all planes; made when it is first asked for, since it never changes. */
export function apiDocument(): OpenApiDocument {
  known ??= openApiDocument([...CONTROL_ROUTES, ...GATEWAY_ROUTES, ...ABOUT_ROUTES])
  return known
}
