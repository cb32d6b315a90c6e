import { Command } from 'commander'
import pc from 'picocolors'
import { examineBackends } from '../../backends/doctor.ts'
import { type JsonOptions, jsonOption } from '../common-options.ts'
import { formatTable } from '../format.ts'

/** `chronograd doctor`: which backends are usable here, and how quick they are. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Show each backend: usable or why not, version, threads, speed of a matrix product.')
    .addOption(jsonOption('an array of { name, usable, version, threads, gigaflops } or { name, usable, reason }'))
    .action(async ({ json }: JsonOptions) => {
      const examinations = await examineBackends()
      if (json) {
        console.log(JSON.stringify(examinations, null, 2))
        return
      }
      const rows = examinations.map(each =>
        each.usable
          ? [each.name, pc.green('usable'), each.version, String(each.threads), each.gigaflops.toFixed(1)]
          : [each.name, pc.yellow('not usable'), '', '', ''],
      )
      console.log(formatTable(['backend', '', 'version', 'threads', 'GFLOP/s'], rows))
      for (const each of examinations) if (!each.usable) console.log(`\n${each.name}: ${each.reason}`)
      const chosen = examinations.find(({ usable }) => usable)
      if (chosen !== undefined) console.log(`\nTraining takes ${chosen.name} unless told otherwise.`)
    })
}
