/** The words of docs/growth.md; the figures are put between them. */
export const NOTES = {
  head: `# Growth: 10 to 100,000 keys, one region to seven

Made by \`bench/growth/run.mjs\`; do not edit by hand.
`,
  breaks: `## What breaks first
TODO
`,
  paper: '',
  left: '## While money is left\n',
  end: '## The end of the budget\n',
  shared: '## Tried\n',
  owner: '## The owner\n',
  fanOut: '## Fan-out\n',
  model: '',
}
