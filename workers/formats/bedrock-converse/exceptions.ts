/** The service's errors and their HTTP status. Source: AWS's model of Bedrock Runtime (`httpError` of each error). */
const STATUS_OF = new Map<string, number>([
  ['AccessDeniedException', 403],
  ['ConflictException', 400],
  ['InternalServerException', 500],
  ['ModelErrorException', 424],
  ['ModelNotReadyException', 429],
  ['ModelStreamErrorException', 424],
  ['ModelTimeoutException', 408],
  ['ResourceNotFoundException', 404],
  ['ServiceQuotaExceededException', 400],
  ['ServiceUnavailableException', 503],
  ['ThrottlingException', 429],
  ['ValidationException', 400],
])

/** What an error is where only its status is told. */
const CODE_OF = new Map<number, string>([
  [400, 'ValidationException'],
  [403, 'AccessDeniedException'],
  [404, 'ResourceNotFoundException'],
  [408, 'ModelTimeoutException'],
  [424, 'ModelErrorException'],
  [429, 'ThrottlingException'],
  [500, 'InternalServerException'],
  [503, 'ServiceUnavailableException'],
])

/** The code for a status; `UnknownError` where the service has none. */
export function exceptionCode(status: number): string {
  return CODE_OF.get(status) ?? 'UnknownError'
}

/** `com.amazon.x#ThrottlingException:http://...` and, in a stream, `throttlingException`, as `ThrottlingException`. */
export function exceptionName(said: string): string {
  const name = said.slice(said.lastIndexOf('#') + 1).split(':')[0] ?? ''
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}

/** The HTTP status of an error that came within a stream; 502 where the service has no such error. */
export function exceptionStatus(name: string): number {
  return STATUS_OF.get(name) ?? 502
}
