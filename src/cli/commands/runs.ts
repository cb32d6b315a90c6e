import { Command } from 'commander'
import pc from 'picocolors'
import { type FamilyMember, familiesOf } from '../../history/families.ts'
import { runNames } from '../../history/run-names.ts'
import { type RunOverview, runOverview } from '../../history/run-overview.ts'
import { formatDuration } from '../../reports/format-duration.ts'
import { colouredState } from '../coloured-state.ts'
import { type JsonOptions, jsonOption, type StoreOptions, storeOption } from '../common-options.ts'
import { familyTree } from '../family-tree.ts'
import { formatNumber, formatTable, formatTime, plainText, widthOf } from '../format.ts'
import { withJournal } from '../open-run.ts'
import { outputWidth } from '../output-width.ts'

interface RunsOptions extends StoreOptions, JsonOptions {
  readonly tree?: true
}

/** `chronograd runs`: every run of a store. */
export function runsCommand(): Command {
  return new Command('runs')
    .description(
      'List the runs of a store, the latest last; or as a tree, each fork below the run that it was forked from.',
    )
    .option('--tree', 'draw each fork below its parent, with the step of the fork and the settings that it changed')
    .addOption(storeOption())
    .addOption(
      jsonOption(
        'an array of { run, state, step, totalSteps, epoch, attempts, parent, best, createdAt, updatedAt, events, tags }',
      ),
    )
    .action(async ({ store: folder, json, tree }: RunsOptions) => {
      const { overviews, families } = await withJournal(folder, { readOnly: true }, (journal, store) => ({
        overviews: runNames(journal).map(run => runOverview(journal, store, run)),
        families: tree ? familiesOf(journal) : [],
      }))
      if (json) console.log(JSON.stringify(overviews, null, 2))
      else if (overviews.length === 0) console.log(`There are no runs in ${folder} yet.`)
      else if (tree) console.log(drawTree(overviews, families, outputWidth()))
      else console.log(formatTable(head, overviews.map(rowOf)))
    })
}

const head = ['run', 'state', 'step', 'best', 'begun', 'lasted', 'tags']

/** The table of runs as a tree. What does not fit on a line is left out, columns from the last one on. */
function drawTree(overviews: readonly RunOverview[], families: readonly FamilyMember[], width: number): string {
  const cells = new Map(overviews.map(overview => [overview.run, rowOf(overview)]))
  const entries = [...familyTree(families)]
  const rows = entries.map(({ run, branch }) => {
    const [name = plainText(run), ...rest] = cells.get(run) ?? []
    return [`${branch}${name}`, ...rest]
  })
  let columns = head.length
  let table = formatTable(head, rows)
  while (columns > 1 && widthOf(table) > width) {
    columns--
    table = formatTable(
      head.slice(0, columns),
      rows.map(row => row.slice(0, columns)),
    )
  }
  const [first = '', ...lines] = table.split('\n')
  const drawn = lines.flatMap((line, index) => {
    const below = entries[index]?.below ?? null
    return below === null ? [line] : [line, pc.dim(below.length > width ? `${below.slice(0, width - 1)}…` : below)]
  })
  return [first, ...drawn].join('\n')
}

function rowOf({ run, state, step, totalSteps, best, createdAt, updatedAt, tags }: RunOverview): string[] {
  return [
    plainText(run),
    colouredState(state),
    totalSteps === null ? String(step) : `${step}/${totalSteps}`,
    best === null ? '' : `${plainText(best.metric)} ${formatNumber(best.value)} at ${best.step}`,
    formatTime(createdAt),
    formatDuration(Math.max(0, updatedAt - createdAt)),
    plainText(tags.join(', ')),
  ]
}
