/** Bedrock takes letters, digits, single spaces, hyphens and brackets. Source: DocumentBlock of the Bedrock Runtime API. */
function cleaned(name: string): string {
  const stem = name.replace(/\.[A-Za-z0-9]{1,5}$/, '')
  return stem
    .replace(/[^A-Za-z0-9\s\-()[\]]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Gives each document of one request a name that Bedrock takes, and no two the same, which it refuses. */
export function documentNamer(): (name: string | undefined) => string {
  const taken = new Set<string>()
  return name => {
    const wanted = cleaned(name ?? '').slice(0, 190) || 'document'
    let free = wanted
    for (let copy = 2; taken.has(free); copy += 1) free = `${wanted} (${copy})`
    taken.add(free)
    return free
  }
}
