import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { buildShards } from '../../examples/webdataset/build-shards.ts'
import { webDataset } from '../../src/data/webdataset-source.ts'
import { root, startCommand } from '../support/command-line.ts'
import { factsOf } from '../support/runs.ts'
import { entriesOf } from '../support/shards.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('examples/webdataset')

test('builds shards that hold what was put in, the last one compressed', async () => {
  await inTemporaryFolder(async folder => {
    const pictures = Array.from({ length: 7 }, (_, number) => ({
      name: `picture-${number}`,
      extension: 'png',
      bytes: Uint8Array.of(number, 1, 2),
      captions: [`picture ${number}`, 'a picture'],
      group: `group ${number % 2}`,
    }))
    const paths = await buildShards(path.join(folder, 'shards'), 'train', pictures, 3)
    assert.equal(
      paths.map(file => path.basename(file)),
      ['train-000.tar', 'train-001.tar', 'train-002.tar.gz'],
    )
    assert.equal([...(await readFile(paths[2] ?? '')).subarray(0, 2)], [0x1f, 0x8b])
    const entries = await entriesOf(webDataset(paths))
    assert.equal(
      entries.map(entry =>
        'image' in entry ? [entry.key, [...(entry.image as Buffer)], entry.captions, entry.group] : entry,
      ),
      [0, 3, 6, 1, 4, 2, 5].map(number => [
        `train-00${number % 3}/picture-${number}`,
        [number, 1, 2],
        [`picture ${number}`, 'a picture'],
        `group ${number % 2}`,
      ]),
    )
  })
})

const folder = path.join(root, 'examples', 'webdataset')
const trains = async () => {
  await inTemporaryFolder(async store => {
    const command = [process.execPath, '--import', import.meta.resolve('tsx'), 'start.ts', store, '5', '64']
    // A cache of its own: no TensorFlow is found there, so every machine computes the same.
    const env = { CHRONOGRAD_CACHE: path.join(store, 'cache') }
    const { code, out, err } = await startCommand(command, { cwd: folder, env }).ended
    assert.is(code, 0, err)
    assert.match(out, 'Built 6 shards')
    assert.match(out, /^Step 20: the right drawing comes first for \d/m)
    assert.match(out, 'The run webdataset is completed')
    const [started] = factsOf(store, 'webdataset', 'run.started')
    assert.is(started?.data.data.train.samples, 64)
    assert.is(started?.data.data.validation?.samples, 64)
  })
}
if (hasPackages() || fetchPackages()) test('builds shards of emoji and trains from them', trains)
else test.skip('builds shards of emoji and trains from them: its packages cannot be fetched here', trains)

function hasPackages(): boolean {
  const require = createRequire(path.join(folder, 'start.ts'))
  try {
    return (
      require.resolve('emoji-datasource-google/package.json') !== '' &&
      require.resolve('emojibase-data/package.json') !== ''
    )
  } catch {
    return false
  }
}

/** As whoever starts the example first has them fetched; not possible where no registry can be reached. */
function fetchPackages(): boolean {
  const { npm_execpath: npm } = process.env
  const [program = '', ...first] = npm === undefined ? ['npm'] : [process.execPath, npm]
  return spawnSync(program, [...first, 'ci', '--no-audit', '--no-fund'], { cwd: folder }).status === 0
}

test.run()
