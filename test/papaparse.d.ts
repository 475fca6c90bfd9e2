/** As much of it as the tests use: it brings no types. */
declare module 'papaparse' {
  const Papa: {
    parse<T>(
      text: string,
      options: { header?: boolean; skipEmptyLines?: boolean; delimiter?: string; newline?: string },
    ): { data: T[]; errors: unknown[] }
  }
  export = Papa
}
