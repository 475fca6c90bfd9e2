// Any OpenAI-compatible gateway. Its user has made the keys, each with the same budget; its books are not read.
const REFUSALS = [402, 403, 429]

function isRefusal(status, json) {
  return REFUSALS.includes(status) || (status === 400 && /budget|quota|limit/i.test(JSON.stringify(json)))
}

/** `keys` are used up one by one: a case needs a budget that nobody has spent from. */
export function anyGateway({ baseUrl, keys, model, limitNano }) {
  const fresh = keys.map((value, index) => ({ id: String(index), value }))
  return {
    name: baseUrl,
    model,
    baseUrl,
    fixedLimitNano: limitNano,
    keysLeft: () => fresh.length,
    sharedLevels: [],
    createKey: async () => fresh.shift(),
    isRefusal,
    readRefusal: () => undefined,
    readBook: async () => undefined,
    stop: async () => {},
  }
}
