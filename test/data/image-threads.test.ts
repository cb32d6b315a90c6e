import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { augmentationSchema } from '../../src/data/augmentation.ts'
import { ImageReader } from '../../src/data/image-reader.ts'
import { ImageThreads } from '../../src/data/image-threads.ts'
import { ThreadError } from '../../src/data/request-thread.ts'
import { loading, moduleAt } from '../support/as-tests-run.ts'
import { noisePicture } from '../support/pictures.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('ImageThreads')

/** Options over a file of six pictures in `folder`. */
async function sixPictures(folder: string) {
  const path = join(folder, 'six.rgb')
  await writeFile(path, Buffer.concat([0, 1, 2, 3, 4, 5].map(number => noisePicture(4, number).pixels)))
  const augmentation = augmentationSchema.parse({})
  return { path, size: 4, seed: 3, background: [255, 255, 255] as const, augmentation }
}

test('gives the same pictures as a reader on this thread', async () => {
  await inTemporaryFolder(async folder => {
    const options = await sixPictures(folder)
    const reader = new ImageReader(options)
    const threads = new ImageThreads(options)
    const asked = [Uint32Array.of(0, 5, 2), Uint32Array.of(1), Uint32Array.of(2, 2, 4, 3)]
    const answers = await Promise.all(asked.map((samples, epoch) => threads.varied(samples, epoch)))
    for (const [epoch, samples] of asked.entries()) assert.equal(answers[epoch], reader.varied(samples, epoch))
    assert.not.equal(reader.varied(Uint32Array.of(1), 0), reader.varied(Uint32Array.of(1), 1))
    assert.not.equal(reader.varied(Uint32Array.of(1), 0), reader.plain(Uint32Array.of(1)))
    reader.close()
    await threads.close()
  })
})

test('reports what went wrong, and goes on', async () => {
  await inTemporaryFolder(async folder => {
    const threads = new ImageThreads(await sixPictures(folder))
    const error = await threads.varied(Uint32Array.of(6), 0).catch((thrown: unknown) => thrown)
    assert.instance(error, ThreadError)
    assert.match(String(error), /ends before the picture of sample 6/)
    assert.is((await threads.varied(Uint32Array.of(5), 0)).length, 48)
    await threads.close()
  })
})

test('rejects what is asked where its file is missing', async () => {
  await inTemporaryFolder(async folder => {
    const options = await sixPictures(folder)
    const threads = new ImageThreads({ ...options, path: join(folder, 'missing.rgb') })
    assert.match(String(await threads.varied(Uint32Array.of(0), 0).catch(String)), /ENOENT.*missing\.rgb/)
    assert.match(String(await threads.varied(Uint32Array.of(0), 0).catch(String)), /ENOENT.*missing\.rgb/)
    await threads.close()
  })
})

test('rejects what is open when it is closed', async () => {
  await inTemporaryFolder(async folder => {
    const threads = new ImageThreads(await sixPictures(folder))
    const open = threads.varied(Uint32Array.of(0), 0).catch(String)
    await threads.close()
    assert.match(String(await open), /closed before it answered/)
  })
})

test('lets a process end that forgets to close it', async () => {
  await inTemporaryFolder(async folder => {
    const options = await sixPictures(folder)
    const script = join(folder, 'forgetful.mjs')
    await writeFile(
      script,
      `import { ImageThreads } from ${JSON.stringify(moduleAt('src/data/image-threads.ts'))}
       const threads = new ImageThreads(${JSON.stringify(options)})
       process.stdout.write(String((await threads.varied(Uint32Array.of(0, 1), 0)).length))`,
    )
    const { stdout, status } = spawnSync(process.execPath, [...loading, script], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    assert.is(stdout, '96')
    assert.is(status, 0)
  })
})

test.run()
