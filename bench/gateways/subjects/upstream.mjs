/** The mock provider itself: what all others are compared with. */
export const upstream = {
  id: 'upstream',
  name: 'the provider directly',
  start: async ({ upstreamUrl }) => ({
    url: `${upstreamUrl}/chat/completions`,
    headers: { authorization: 'Bearer none' },
    model: 'gpt-4o-mini',
    stop: async () => {},
  }),
}
