// `npm run backfill`: makes sums anew, reports events that are in files, and moves tenants between databases. docs/shards.md is the page for users.
import { connect } from '../config/connect.ts'
import { Refusal } from '../config/problem.ts'
import { loadFiles } from './load-files.ts'
import { moveTenant } from './move-tenant.ts'
import { remakeRollups } from './remake-rollups.ts'
import { readCommand, USAGE } from './settings.ts'

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2))
  if (!command) return console.log(USAGE)
  const instance = connect(command.target)
  if (command.name === 'rollups') await remakeRollups(command, instance)
  else if (command.name === 'move') await moveTenant(command, instance)
  else await loadFiles(command, instance)
}

// Node warns of what finds the lines of a TypeScript file, which is not what was asked.
process.removeAllListeners('warning')

main().catch(thrown => {
  console.error(thrown instanceof Refusal ? thrown.message : thrown)
  process.exitCode = 1
})
