import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { trainerMachine } from '../../machines/trainer.ts'
import { defineEvent } from '../../src/events/define-event.ts'
import { Journal } from '../../src/journal/journal.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import type { Subscriber } from '../../src/subscribers/subscriber.ts'
import { MultimodalTrainer } from '../../src/trainer/multimodal-trainer.ts'
import { colourRun } from '../support/colour-run.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const own = suite('events of one’s own')

const epochPraised = defineEvent({
  type: 'epoch.praised',
  description: 'An epoch was praised.',
  schema: z.strictObject({ epoch: z.int() }),
})

const praise: Subscriber = {
  name: 'praise',
  revision: 1,
  types: ['epoch.completed'],
  handle(event, { append }) {
    append({ type: 'epoch.praised', data: { epoch: (event.data as { epoch: number }).epoch } }, 'praise')
  },
}

own('are appended by a subscriber of the trainer, and passed over by its machine', async () => {
  await inTemporaryFolder(async store => {
    const trainer = new MultimodalTrainer(colourRun({ events: [epochPraised], subscribers: [praise] }), {
      store,
      backend: 'wasm',
    })
    assert.is(await trainer.train(), 'completed')

    const journal = Journal.open(new Store(store).journalPath, { readOnly: true })
    const stream = runStream('colours')
    const praised = [...journal.read({ stream, types: ['epoch.praised'] })]
    assert.equal(
      praised.map(({ data }) => data),
      [1, 2, 3, 4].map(epoch => ({ epoch })),
    )
    const { ignored, refused } = journal.fold(stream, trainerMachine)
    assert.equal(ignored, { 'epoch.praised': 4 })
    assert.equal(refused, [])
    journal.close()
  })
})

own.run()
