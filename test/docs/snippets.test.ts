import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { snippets } from '../support/documentation.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-docs-'))
const all = snippets()

const documentation = suite('documentation: TypeScript')

documentation.before(async () => {
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction')
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  const compilerOptions = {
    paths: { chronograd: [path.join(root, 'src/index.ts')] },
    typeRoots: [path.join(root, 'node_modules/@types')],
    // A snippet may stop where the reader has seen enough.
    noUnusedLocals: false,
  }
  const config = { extends: path.join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
  for (const { name, code } of all) await writeFile(path.join(folder, name), code)
})

documentation.after(() => rm(folder, { recursive: true, force: true }))

documentation('there is some, and there are programs among it', () => {
  assert.ok(all.some(({ name }) => name.startsWith('README')))
  assert.ok(all.some(({ runs }) => runs))
})

documentation('type-checks under the strictest settings', async () => {
  try {
    await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
  } catch (error) {
    assert.unreachable(String((error as { stdout: string }).stdout))
  }
})

for (const { name, code, runs } of all) {
  if (!runs) continue
  documentation(`${name} runs and prints what it says`, async () => {
    const home = path.join(folder, path.basename(name, '.ts'))
    await mkdir(home)
    const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', path.join(folder, name)], {
      cwd: home,
      // A cache of its own: no TensorFlow is found there, so every machine computes the same.
      env: { ...process.env, CHRONOGRAD_CACHE: path.join(folder, 'cache'), FORCE_COLOR: '0' },
    })
    assert.not.match(stderr, /warning/i)
    const told = [...code.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text)
    if (told.length > 0) assert.equal(stdout.trimEnd().split('\n'), told)
  })
}

documentation.run()
