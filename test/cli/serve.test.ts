import { createServer } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startChronograd } from '../support/command-line.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const serve = suite('chronograd serve')

serve('prints the address, serves a store that is not there yet, and ends well with Ctrl-C', () =>
  inTemporaryFolder(async cwd => {
    const running = startChronograd(['serve', '--port', '0'], { cwd })
    try {
      await running.seen(/^http:\/\/127\.0\.0\.1:\d+\/$/m)
      running.child.kill('SIGINT')
      const { code, err } = await running.ended
      assert.is(code, 0)
      assert.match(err, /Ctrl-C ends it/)
    } finally {
      running.child.kill('SIGKILL')
    }
  }),
)

serve('a port that was asked for and is taken is an error', () =>
  inTemporaryFolder(async cwd => {
    const other = createServer()
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
    try {
      const address = other.address()
      const port = typeof address === 'object' ? String(address?.port) : ''
      const { code, err } = await startChronograd(['serve', '--port', port], { cwd }).ended
      assert.is(code, 1)
      assert.match(err, /cannot be served on 127\.0\.0\.1, port \d+: .* Name another port, or 0 for any that is free\./)
    } finally {
      other.close()
    }
  }),
)

serve.run()
