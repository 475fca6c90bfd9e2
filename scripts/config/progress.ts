/** How often it is told where nobody looks at a line that changes, in steps. */
const EVERY = 50

/** Tells on stderr how far something is: `applied 340/1000`. */
export function progress(word: string, total: number): () => void {
  let done = 0
  return () => {
    done += 1
    const text = `${word} ${done}/${total}`
    if (process.stderr.isTTY) process.stderr.write(`\r${text}${done === total ? '\n' : ''}`)
    else if (done % EVERY === 0 || done === total) process.stderr.write(`${text}\n`)
  }
}
