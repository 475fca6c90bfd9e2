export const USAGE = `node bench/overspend/run.mjs [options]

Without options: starts Weir, and runs every scenario against it.

Any OpenAI-compatible gateway:
  --upstream-port N     where our counting upstream listens (127.0.0.1); take one that is free, such as 9911
  --base-url URL        the gateway; requests go to URL/v1/chat/completions
  --key KEY             a key of the gateway; repeat it. Each case uses up one: give every key a budget of its own
  --limit-usd X         what each of these keys may spend, such as 0.01
  --model NAME          what the gateway calls OpenAI's gpt-4o-mini (default gpt-4o-mini)

Set the gateway up like this before you start:
  1. its OpenAI base URL is http://127.0.0.1:N/v1, its OpenAI key is anything
  2. gpt-4o-mini is priced at $0.15 and $0.60 per million tokens of input and output (OpenAI's list)
  3. as many keys as there are cases (23; or run some with --only), each with a budget of X that does not reset soon
  4. no cache, no retries of its own, no request limits: they are not what is measured

A Weir that runs elsewhere: --base-url URL --adapter weir --admin-key KEY. It makes its keys, and its books are read.

  --only 1,6,11         these scenarios only
  --scale 0.2           fewer requests
  --seed N              of scenario 11
  --name TEXT           what the page calls the gateway
  --json FILE           all figures
  --markdown FILE       the page`

/** What is run against what. */
export function instructions(subject, upstream) {
  const keys = Number.isFinite(subject.keysLeft()) ? `, ${subject.keysLeft()} keys` : ''
  return `${subject.name} at ${subject.baseUrl}${keys}; the counting upstream is ${upstream.baseUrl}`
}
