/** A mock token: a run of at most 8 letters, digits or underscores, or one other mark; white space is none. */
const TOKEN = /[\p{L}\p{N}_]{1,8}|[^\s\p{L}\p{N}_]/gu
const TOKEN_OR_SPACE = /[\p{L}\p{N}_]{1,8}|[^\s\p{L}\p{N}_]|\s+/gu
const IS_SPACE = /^\s/

/** How many mock tokens a text has: never more than its UTF-8 bytes. */
export function countTokens(text: string): number {
  return text.match(TOKEN)?.length ?? 0
}

/** A text cut into one piece a token, which joined are the text again. White space leads the piece it comes before. */
export function splitTokens(text: string): string[] {
  const pieces: string[] = []
  let space = ''
  for (const [match] of text.matchAll(TOKEN_OR_SPACE)) {
    if (IS_SPACE.test(match)) space = match
    else {
      pieces.push(space + match)
      space = ''
    }
  }
  return pieces.length > 0 ? [...pieces.slice(0, -1), `${pieces.at(-1)}${space}`] : []
}
