import { existsSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { InvalidSettingsError } from '../../src/trainer/run-settings.ts'
import { colourRun, colourSamples } from '../support/colour-run.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { thrownBy } from '../support/thrown.ts'

const halfMade = suite('nothing half-made')

halfMade('settings that cannot work leave no store behind', async () => {
  await inTemporaryFolder(folder => {
    const store = path.join(folder, 'store')
    const { valData: _, ...definition } = colourRun({ earlyStopping: { patience: 1 } })
    thrownBy(InvalidSettingsError, () => new MultimodalTrainer(definition, { store }))
    assert.not(existsSync(store))
  })
})

halfMade('a broken picture whose key has a control character is left out like any other', async () => {
  await inTemporaryFolder(async store => {
    const broken = { key: 'bad\u0007key', image: Uint8Array.of(1, 2, 3), captions: ['nothing'] }
    const trainData = inMemorySource('colours', [...colourSamples, broken])
    const trainer = new MultimodalTrainer(colourRun({ trainData, epochs: 1 }), { store, backend: 'wasm' })
    assert.is(await trainer.train(), 'completed')
    const journal = Journal.open(new Store(store).journalPath, { readOnly: true })
    const skipped = [...journal.read({ stream: runStream('colours'), types: ['sample.skipped'] })]
    journal.close()
    assert.equal(
      skipped.map(({ data }) => (data as { key: string }).key),
      ['bad\u0007key'],
    )
  })
})

halfMade.run()
