import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Ended, root, startCommand } from '../support/command-line.ts'
import { snippets } from '../support/documentation.ts'
import { squaresConfig } from '../support/squares-project.ts'

/** The package as it would be published, packed and installed into a project of its own. */
const packaging = suite('the package')

const home = await mkdtemp(path.join(tmpdir(), 'chronograd-package-'))
const checkout = path.join(home, 'checkout')
const project = path.join(home, 'project')
const installed = path.join(project, 'node_modules', 'chronograd')
const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'))
const modules = path.join(root, 'node_modules')

async function run(...command: string[]): Promise<Ended> {
  const env = {
    CHRONOGRAD_CACHE: path.join(home, 'cache'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  }
  return await startCommand(command, { cwd: project, env }).ended
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
}

async function link(name: string): Promise<void> {
  const place = path.join(project, 'node_modules', name)
  await mkdir(path.dirname(place), { recursive: true })
  await symlink(path.join(modules, name), place, 'junction')
}

packaging.before(async () => {
  // Packed from a copy, so that no other test finds its compiled code taken away.
  for (const name of ['package.json', ...manifest.files.filter((name: string) => !/dist/.test(name))]) {
    await cp(path.join(root, name), path.join(checkout, name), { recursive: true })
  }
  for (const name of ['src', 'machines', 'tsconfig.json', 'tsconfig.build.json']) {
    await cp(path.join(root, name), path.join(checkout, name), { recursive: true })
  }
  await symlink(modules, path.join(checkout, 'node_modules'), 'junction')
  for (const stray of [
    'test/stray.test.ts',
    'examples/stray.ts',
    'runs/journal.sqlite',
    'dist/src/removed.js',
    '.env',
  ]) {
    await mkdir(path.dirname(path.join(checkout, stray)), { recursive: true })
    await writeFile(path.join(checkout, stray), 'stray')
  }
  await mkdir(path.join(project, 'node_modules', '.bin'), { recursive: true })
  const packed = await startCommand(['npm', 'pack', '--silent', '--pack-destination', home], { cwd: checkout }).ended
  assert.is(packed.code, 0, packed.out + packed.err)
  const tarball = path.join(home, `chronograd-${manifest.version}.tgz`)
  assert.is((await run('tar', '-xzf', tarball, '-C', home)).code, 0)

  // As an installation leaves it: the package itself, what it depends on, and its command.
  await cp(path.join(home, 'package'), installed, { recursive: true })
  for (const name of Object.keys(manifest.dependencies)) await link(name)
  await symlink('../chronograd/dist/src/cli/bin.js', path.join(project, 'node_modules', '.bin', 'chronograd'))
  await run('chmod', '+x', path.join(installed, 'dist/src/cli/bin.js'))
  await writeFile(path.join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }))
})

packaging.after(() => rm(home, { recursive: true, force: true }))

packaging(
  'holds the compiled sources with their types, those that a setup compiles, the page, the licence and the texts, and nothing else',
  async () => {
    const isOfPage = (file: string) => /^(src\/dashboard|dist)\/page\//.test(file)
    const packed = await filesBelow(installed)
    const files = packed.filter(file => !isOfPage(file))
    assert.equal([...new Set(packed.filter(isOfPage).map(file => file.replace(/[^/]+(\.js|\.css)$/, '*$1')))].sort(), [
      'dist/page/assets/*.css',
      'dist/page/assets/*.js',
      'dist/page/icon.svg',
      'dist/page/index.html',
    ])
    const sources = (await filesBelow(path.join(root, 'src')))
      .map(file => `src/${file}`)
      .filter(file => !isOfPage(file))
    sources.push(...(await filesBelow(path.join(root, 'machines'))).map(file => `machines/${file}`))
    const isTypeScript = (file: string) => file.endsWith('.ts')
    const compiled = sources
      .filter(isTypeScript)
      .flatMap(file => ['.js', '.d.ts'].map(ending => `dist/${file.replace(/\.ts$/, ending)}`))
    // What a setup compiles goes as it is.
    const native = sources.filter(file => !isTypeScript(file))
    assert.equal(files, [...compiled, ...native, 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].sort())
    for (const file of packed) {
      assert.not.match(
        await readFile(path.join(installed, file), 'utf8'),
        root,
        `${file} names a folder of this machine`,
      )
    }
  },
)

packaging('imports nothing that it does not depend on', async () => {
  const known = new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)])
  for (const file of (await filesBelow(installed)).filter(file => file.endsWith('.js'))) {
    const code = await readFile(path.join(installed, file), 'utf8')
    for (const [, name = ''] of code.matchAll(/^(?:import|export) (?:[^'"]* from )?'([^'.][^']*)'/gm)) {
      const [first = '', second = ''] = name.split('/')
      const wanted = first.startsWith('@') ? `${first}/${second}` : first
      assert.ok(known.has(wanted) || builtinModules.includes(name.replace('node:', '')), `${file} imports ${name}`)
    }
  }
})

packaging("the README's first program type-checks strictly and runs as printed", async () => {
  const program = snippets().find(({ name, runs }) => name.startsWith('README') && runs)
  assert.ok(program)
  await writeFile(path.join(project, 'program.ts'), program?.code ?? '')
  await writeFile(
    path.join(project, 'types.ts'),
    `import { Journal } from 'chronograd'
     // @ts-expect-error: the database has its own type, and a name is no number
     export const name = (journal: Journal) => journal.query((database): number => database.name)`,
  )
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    types: [],
    lib: ['ES2022', 'DOM'],
    skipLibCheck: true,
  }
  await writeFile(
    path.join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['program.ts', 'types.ts'] }),
  )
  const checked = await run(process.execPath, path.join(modules, 'typescript/bin/tsc'), '-p', project)
  assert.is(checked.code, 0, checked.out)
  const ran = await run(process.execPath, 'program.js')
  assert.is(ran.code, 0, ran.err)
  assert.match(ran.out, 'The run is completed')
  assert.ok(existsSync(path.join(project, 'runs', 'journal.sqlite')))
})

packaging('the command works: version, training from a TypeScript file, its verification', async () => {
  const version = await run('npx', '--no-install', 'chronograd', '--version')
  assert.equal([version.code, version.out], [0, `${manifest.version}\n`], version.err)

  const picture = '{ width: 8, height: 8, pixels: new Uint8Array(192).fill(n * 9) }'
  const samples = `Array.from({ length: 8 }, (_, n) => ({ key: 'k' + n, captions: ['number ' + n], image: ${picture} }))`
  const config = squaresConfig('epochs: 1,')
    .replaceAll(/jsonlSource\(file[^)]*\)/g, `inMemorySource('numbers', ${samples})`)
    .replace('jsonlSource', 'inMemorySource')
  await writeFile(path.join(project, 'config.ts'), config)
  const trained = await run(
    'npx',
    '--no-install',
    'chronograd',
    'train',
    'config.ts',
    '--backend',
    'wasm',
    '--store',
    'store',
  )
  assert.is(trained.code, 0, trained.err)
  assert.match(trained.out, 'squares is completed: 2 of 2 steps.')
  const verified = await run('npx', '--no-install', 'chronograd', 'verify', 'latest', '--store', 'store')
  assert.is(verified.code, 0, verified.out)
})

packaging('doctor examines each backend in a process of its own; setup says what it does', async () => {
  const command = path.join(installed, 'dist/src/cli/bin.js')
  const { code, out, err } = await run(process.execPath, command, 'doctor', '--json')
  assert.is(code, 0, err)
  const examined = JSON.parse(out) as { name: string; usable: boolean; reason?: string; gigaflops?: number }[]
  assert.equal(
    examined.map(({ name }) => name),
    ['tensorflow', 'wasm', 'cpu'],
  )
  assert.equal(
    examined.slice(1).map(({ usable }) => usable),
    [true, true],
  )
  // Nothing is set up in the cache of this test.
  assert.match(examined[0]?.reason ?? '', 'run "chronograd setup tensorflow" once')
  const help = await run(process.execPath, command, 'setup', '--help')
  assert.is(help.code, 0)
  assert.match(help.out, /Usage: chronograd setup \[options\] <what>/)
})

packaging.run()
