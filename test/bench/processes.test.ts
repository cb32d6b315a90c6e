import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { PeerMissingError } from '../../bench/framework/peer-missing.ts'
import { PeerProcess } from '../../bench/framework/peer-process.ts'
import { pythonContender } from '../../bench/framework/process-contender.ts'
import { fileOf, loading } from '../support/as-tests-run.ts'
import { root } from '../support/command-line.ts'
import { rejectedBy } from '../support/rejected.ts'

const processes = suite('benchmarks: processes of contenders')
let folder = ''

processes.before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'chronograd-bench-'))
})
processes.after(() => rmSync(folder, { recursive: true, force: true }))

function program(name: string, text: string): string {
  const file = path.join(folder, name)
  writeFileSync(file, text)
  return file
}

function node(text: string): string[] {
  const serving = `import { serveRounds } from ${JSON.stringify(fileOf('bench/framework/serve-rounds.ts'))}\n`
  return [process.execPath, ...loading, program('contender.mjs', serving + text)]
}

function python(text: string): Promise<PeerProcess> {
  const file = program('contender.py', text)
  return PeerProcess.start('Peer', ['python3', file], { PYTHONPATH: path.join(root, 'bench/peers') })
}

processes('a Node process answers rounds, whatever it prints, and keeps what it has between them', async () => {
  const peer = await PeerProcess.start(
    'Peer',
    node(`let asked = 0
      console.log('{"values": {"count": -1}}')
      await serveRounds({ count: ({ by }) => ({ count: (asked += by) }) }, { Counter: '2.0' })`),
  )
  assert.equal(peer.versions, { Counter: '2.0' })
  assert.equal(await peer.ask('count', { by: 2 }), { count: 2 })
  assert.equal(await peer.ask('count', { by: 3 }), { count: 5 })
  await peer.close()
})

processes('a Python process does the same', async () => {
  const peer = await python(`
from rounds import serve
asked = 0
def count(by):
    global asked
    asked += by
    print("not an answer")
    return {"count": asked}
serve({"count": count})
`)
  assert.match(peer.versions.Python ?? '', /^3\./)
  assert.equal(await peer.ask('count', { by: 2 }), { count: 2 })
  assert.equal(await peer.ask('count', { by: 3 }), { count: 5 })
  await peer.close()
})

processes('what a round throws is told, in either language', async () => {
  const inNode = await PeerProcess.start('Peer', node(`await serveRounds({ fail() { throw new Error('no ink') } })`))
  assert.match(String(await rejectedBy(Error, () => inNode.ask('fail'))), /Peer failed:\n.*no ink/)
  await inNode.close()
  const inPython = await python('from rounds import serve\nserve({"fail": lambda: 1 / 0})')
  assert.match(String(await rejectedBy(Error, () => inPython.ask('fail'))), /Peer failed:\n[\s\S]*ZeroDivisionError/)
  await inPython.close()
})

processes('a process that dies is told with what it printed', async () => {
  const peer = await python(`
import os, signal
from rounds import serve
def die():
    print("the last words", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
serve({"die": die})
`)
  assert.match(String(await rejectedBy(Error, () => peer.ask('die'))), /ended with SIGKILL.\nthe last words/)
  await peer.close()
})

processes('a package that is not installed makes a missing peer, in one sentence that says how to get it', async () => {
  const sentence = (name: string) =>
    `Peer is not compared with, for ${name} is not installed; "npm run bench:peers" installs the peers.`
  const inPython = await rejectedBy(PeerMissingError, () => python('import a_package_of_nobody'))
  assert.is(inPython.message, sentence('a_package_of_nobody'))
  const inNode = await rejectedBy(PeerMissingError, () =>
    PeerProcess.start('Peer', node(`await import('a-package-of-nobody')`)),
  )
  assert.is(inNode.message, sentence('a-package-of-nobody'))
})

processes('so does a virtual environment that is not there', async () => {
  const before = process.env.CHRONOGRAD_PEERS_VENV
  process.env.CHRONOGRAD_PEERS_VENV = path.join(folder, 'nowhere')
  try {
    const error = await rejectedBy(PeerMissingError, () =>
      pythonContender({ name: 'Peer', program: 'none.py', round: 'none' }).open(),
    )
    assert.match(
      error.message,
      /^Peer is not compared with, for the Python peers are not installed; "npm run bench:peers"/,
    )
  } finally {
    if (before === undefined) delete process.env.CHRONOGRAD_PEERS_VENV
    else process.env.CHRONOGRAD_PEERS_VENV = before
  }
})

processes.run()
