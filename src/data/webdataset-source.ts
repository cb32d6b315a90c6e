import { basename, resolve } from 'node:path'
import { expandShardPaths } from './shard-paths.ts'
import { SourceError } from './source-error.ts'
import type { StreamedSource } from './streamed-source.ts'
import { tarShard } from './tar-shard.ts'

export interface WebDatasetOptions {
  /** What the source is called in events and reports; the first shard's name unless told. */
  readonly name?: string
  /** The field of a `.json` file that holds the caption or a list of captions; `caption` unless told. */
  readonly captionField?: string
  /** The field of a `.json` file that holds the sample's group; `group` unless told. */
  readonly groupField?: string
}

/**
 * A source over tar shards in the layout of WebDataset, plain or compressed with gzip. The files that share a name up to
 * its first dot are a sample and lie one after another:
 *
 * ```
 * cat-1.jpg    cat-1.txt
 * dog-7.webp   dog-7.json    {"caption": ["a dog", "a brown dog"], "group": "dog"}
 * ```
 *
 * The picture is the file with a picture's extension; each line of a `.txt` file is a caption. A sample is called
 * `<shard>/<name>`. Files of other kinds are passed over. A sample without a picture or a caption, with more than one
 * picture, or with a picture above 64 MiB is left out and told as skipped. Nothing is unpacked to the disk.
 *
 * @param paths the shards' paths, in which `{000..009}` counts
 * @throws SourceError where a path is given twice
 *
 * @example
 * const train = webDataset('pets/train-{000..011}.tar')
 */
export function webDataset(paths: string | readonly string[], options: WebDatasetOptions = {}): StreamedSource {
  const files = expandShardPaths(paths)
  const { captionField = 'caption', groupField = 'group' } = options
  const [first] = files
  if (first === undefined) throw new SourceError('A WebDataset has at least one shard, and no path is given.')
  const names = shardNames(files)
  const shards = files.map((file, index) =>
    tarShard({ path: resolve(file), name: names[index] ?? file, captionField, groupField }),
  )
  return { name: options.name ?? basename(first), shards: async () => shards }
}

/** The files' names without folder and extension, or, where two files share one, their paths. */
function shardNames(files: readonly string[]): string[] {
  const short = files.map(file => basename(file).replace(/\.(tar|tgz|tar\.gz)$/i, ''))
  return new Set(short).size === short.length ? short : [...files]
}
