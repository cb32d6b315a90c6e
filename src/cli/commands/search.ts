import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { Argument, Command, Option } from 'commander'
import { type BackendName, backendNames } from '../../backends/backend.ts'
import type { TrainingEvent } from '../../events/training-events.ts'
import { runStream } from '../../storage/store.ts'
import {
  type JsonOptions,
  jsonOption,
  runArgument,
  type StoreOptions,
  storeOption,
  wholeNumber,
} from '../common-options.ts'
import { findRun, withJournal } from '../open-run.ts'
import { loadRecordedConfiguration, recordedConfiguration } from '../recorded-configuration.ts'
import { UsageError } from '../usage-error.ts'

interface SearchCommandOptions extends StoreOptions, JsonOptions {
  readonly split: 'train' | 'val'
  readonly checkpoint: string
  readonly top: number
  readonly out?: string
  readonly config?: string
  readonly backend?: BackendName
}

/** `chronograd search`: the pictures of a run's data that are nearest to a text or to another picture. */
export function searchCommand(): Command {
  return new Command('search')
    .description("Search the pictures of a run's data by a text, or by another picture, and draw what was found.")
    .addArgument(runArgument())
    .addArgument(new Argument('<query>', 'a text, or the path of a picture'))
    .addOption(new Option('--split <split>', 'which pictures').choices(['val', 'train']).default('val'))
    .addOption(new Option('--checkpoint <name>', '"best", "latest", or one by name').default('best'))
    .addOption(new Option('--top <n>', 'how many pictures to find').argParser(wholeNumber(1)).default(8))
    .addOption(new Option('--out <file>', "where to draw them, a PNG (default: search.png in the run's folder)"))
    .addOption(new Option('--config <file>', 'the configuration file, where it is not where it was'))
    .addOption(new Option('--backend <name>', 'what computes (default: the quickest here)').choices(backendNames))
    .addOption(storeOption())
    .addOption(
      jsonOption(
        '{ run, checkpoint, step, split, pictures, fromKept, query, found: [{ rank, similarity, key, caption }], captions, sheet }',
      ),
    )
    .action(search)
}

async function search(wanted: string, query: string, options: SearchCommandOptions): Promise<void> {
  const { store: folder, json, out, split, checkpoint, top, backend } = options
  if (query.trim() === '') throw new UsageError('Say what to search for: a text, or the path of a picture.')
  const { run, recorded, trainedOn, place } = await withJournal(folder, { readOnly: true }, (journal, store) => {
    const run = findRun(journal, wanted, folder)
    const [created] = journal.readPage({ stream: runStream(run), types: ['run.created'] }, 1)
    return {
      run,
      recorded: recordedConfiguration(journal, run),
      trainedOn: (created as TrainingEvent<'run.created'> | undefined)?.data.environment.backend.name ?? 'wasm',
      place: store.runFolder(run),
    }
  })
  const configuration = await loadRecordedConfiguration(run, recorded, options.config)
  const definition = await configuration(trainedOn)
  const { searchRun } = await import('../../search/search-run.ts')
  const result = await searchRun(definition, isPicture(query) ? { picture: query } : { text: query }, {
    ...{ run, store: folder, split, checkpoint, top },
    ...(backend !== undefined && { backend }),
  })
  const { describeSearch, drawSearch, searchAsJson } = await import('../search-report.ts')
  const sheet = out ?? path.join(place, 'search.png')
  await drawSearch(query, result, sheet)
  console.log(json ? searchAsJson(query, result, sheet) : describeSearch(query, result, sheet))
}

/** A text may name a file by accident, but not one that ends as pictures do. */
function isPicture(query: string): boolean {
  return /\.(png|jpe?g|webp|avif|svg|gif|tiff?)$/i.test(query) && existsSync(query) && statSync(query).isFile()
}
