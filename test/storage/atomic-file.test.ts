import { randomUUID } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { removeFile, removeUnfinished, writeFileAtomically } from '../../src/storage/atomic-file.ts'
import { rejectedBy } from '../support/rejected.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('writeFileAtomically')

test('writes the file, makes its folder, and gives back what the writer returns', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'a', 'b', 'file')
    const returned = await writeFileAtomically(file, async handle => {
      await handle.writeFile('whole')
      return 7
    })
    assert.is(returned, 7)
    assert.is(await readFile(file, 'utf8'), 'whole')
    assert.equal(await readdir(join(folder, 'a', 'b')), ['file'])
  })
})

test('leaves nothing behind when the writer throws, and the old file as it was', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'file')
    await writeFile(file, 'old')
    const thrown = new Error('it broke')
    const error = await rejectedBy(Error, () =>
      writeFileAtomically(file, async handle => {
        await handle.writeFile('half')
        throw thrown
      }),
    )
    assert.is(error, thrown)
    assert.equal(await readdir(folder), ['file'])
    assert.is(await readFile(file, 'utf8'), 'old')
  })
})

test('leaves nothing behind when the name is taken by a folder', async () => {
  await inTemporaryFolder(async folder => {
    await writeFileAtomically(join(folder, 'taken', 'file'), handle => handle.writeFile('inside'))
    await rejectedBy(Error, () => writeFileAtomically(join(folder, 'taken'), handle => handle.writeFile('whole')))
    assert.equal(await readdir(folder), ['taken'])
  })
})

test('the name stands for the old file until the new one is whole', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'file')
    await writeFile(file, 'old')
    await writeFileAtomically(file, async handle => {
      await handle.writeFile('new')
      assert.is(await readFile(file, 'utf8'), 'old')
    })
    assert.is(await readFile(file, 'utf8'), 'new')
  })
})

test('writers of one name at once each write a file of their own', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'file')
    const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(1_000))
    await Promise.all(texts.map(text => writeFileAtomically(file, handle => handle.writeFile(text))))
    assert.ok(texts.includes(await readFile(file, 'utf8')))
    assert.equal(await readdir(folder), ['file'])
  })
})

test('what a killed process left beside a file is removed, and nothing else', async () => {
  await inTemporaryFolder(async folder => {
    const left = `file.${randomUUID()}.tmp`
    const others = ['file', 'file.tmp', `file-2.${randomUUID()}.tmp`, `${left}.tmp`, 'other']
    for (const name of [left, ...others]) await writeFile(join(folder, name), '')
    await removeUnfinished(join(folder, 'file'))
    assert.equal((await readdir(folder)).sort(), others.sort())
    await removeUnfinished(join(folder, 'missing', 'file'))
  })
})

test('removing a file that cannot be there is no error', async () => {
  await inTemporaryFolder(async folder => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await removeFile(join(file, 'within'))
    await removeUnfinished(join(file, 'within'))
    await removeFile(file)
    await removeFile(file)
    assert.equal(await readdir(folder), [])
  })
})

test.run()
