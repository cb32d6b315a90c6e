import { defineRun } from 'chronograd'
import { emojiSources } from './emoji-sources.ts'

const { train, test } = emojiSources()

/** Trains on the drawings of Noto and OpenMoji, and measures on those of Twemoji, which it never trains on. */
export default defineRun(({ backend }) => ({
  name: 'emoji',
  trainData: train,
  valData: test,
  epochs: backend === 'tensorflow' ? 30 : 8,
  batchSize: 256,
}))
