import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fileOf, loading } from '../support/as-tests-run.ts'
import { root } from '../support/command-line.ts'
import { snippets } from '../support/documentation.ts'

const run = promisify(execFile)
const folder = mkdtempSync(path.join(tmpdir(), 'chronograd-docs-'))
const all = snippets()

async function compile(...settings: readonly string[]): Promise<void> {
  try {
    await run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder, ...settings])
  } catch (error) {
    assert.unreachable(String((error as { stdout: string }).stdout))
  }
}

const documentation = suite('documentation: TypeScript')

documentation.before(async () => {
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction')
  // A package may import itself by its name, so the snippets find the library where they are in its package.
  const index = fileOf('src/index.ts')
  await symlink(path.dirname(path.dirname(index)), path.join(folder, 'library'), 'junction')
  const entry = path.basename(index)
  const exports = { '.': `./library/src/${entry}`, './dashboard': `./library/src/dashboard/${entry}` }
  const manifest = { name: 'chronograd', type: 'module', exports }
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest))
  const compilerOptions = {
    paths: {
      chronograd: [path.join(root, 'src/index.ts')],
      'chronograd/dashboard': [path.join(root, 'src/dashboard/index.ts')],
    },
    typeRoots: [path.join(root, 'node_modules/@types')],
    // A snippet may stop where the reader has seen enough.
    noUnusedLocals: false,
  }
  const config = { extends: path.join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'] }
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config))
  for (const { name, code } of all) await writeFile(path.join(folder, name), code)
  await compile(
    '--noEmit',
    'false',
    '--rewriteRelativeImportExtensions',
    '--outDir',
    folder,
    '--noCheck',
    '--noResolve',
  )
})

documentation.after(() => rm(folder, { recursive: true, force: true }))

documentation('there is some, and there are programs among it', () => {
  assert.ok(all.some(({ name }) => name.startsWith('README')))
  assert.ok(all.some(({ runs }) => runs))
})

documentation('type-checks under the strictest settings', () => compile())

for (const { name, code, runs } of all) {
  if (!runs) continue
  documentation(`${name} runs and prints what it says`, async () => {
    const home = path.join(folder, path.basename(name, '.ts'))
    await mkdir(home)
    const program = path.join(folder, `${path.basename(name, '.ts')}.js`)
    const { stdout, stderr } = await run(process.execPath, [...loading, program], {
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
