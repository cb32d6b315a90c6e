import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inSquaresProject, squaresConfig } from '../support/squares-project.ts'

const test = suite('a configuration over data that is read shard by shard')

test('trains, evaluates and draws the retrievals', async () => {
  await inSquaresProject(async project => {
    const source = `iterableSource('shards', { length: 8, samples: () => Array.from({ length: 8 }, (_, i) => jsonlSource(file).sample(i)), version: '1' })`
    const config = squaresConfig(`trainData: ${source}, valData: ${source}, epochs: 1,`)
    await project.write(
      'config.ts',
      config.replace('{ defineRun, jsonlSource }', '{ defineRun, iterableSource, jsonlSource }'),
    )
    const { code, err } = await project.train()
    assert.is(code, 0, err)
    const files = await project.files()
    assert.ok(
      files.some(file => file.endsWith('retrievals.png')),
      files.join('\n'),
    )
  })
})

test.run()
