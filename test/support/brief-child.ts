/** A program that is inspected and then is over: sooner than any page could be served, unless something kept it. */

import { createServer } from 'node:net'
import { createActor, setup } from 'xstate'
import { inspectLocally } from '../../src/inspect/inspect-locally.ts'
import { givenToChild } from './child.ts'

const { waits, isTaken } = givenToChild<{ waits: boolean; isTaken: boolean }>()
const taken = createServer()
if (isTaken) await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
const address = taken.address()

const switching = setup({}).createMachine({
  id: 'switch',
  initial: 'off',
  states: { off: { on: { flip: 'on' } }, on: {} },
})
const inspector = inspectLocally({ port: typeof address === 'object' && address !== null ? address.port : 0 })
const actor = createActor(switching, { inspect: inspector.inspect }).start()
if (waits) await inspector.address().catch((error: Error) => process.stdout.write(`${error.message}\n`))
actor.send({ type: 'flip' })
process.stdout.write(`${actor.getSnapshot().value}\n`)
taken.close()
