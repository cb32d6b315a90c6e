/** Tells a setup's display what a setup would, at the pace of a person's eyes. */
import { setTimeout } from 'node:timers/promises'
import { withSetupDisplay } from '../../src/cli/setup-display.ts'

await withSetupDisplay(async ({ onNotice, onProgress }) => {
  onNotice('Fetching.')
  for (let done = 0; done <= 40e6; done += 1e6) {
    onProgress({ task: 'fetching', done, total: 40e6 })
    if (done === 20e6) await setTimeout(300)
  }
  onNotice('Unpacking.')
  for (let done = 0; done <= 80e6; done += 8e6) onProgress({ task: 'unpacking', done, total: 80e6 })
  onNotice('Set up.')
})
