import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chronogradCommand, type Ended, startCommand } from '../support/command-line.ts'
import { mainInTurn } from '../support/main-in-turn.ts'
import { inSquaresProject, jsonLines, squaresConfig } from '../support/squares-project.ts'

const training = suite('chronograd train')

training('trains, tells how it goes, and sums up with commands that work as printed', () =>
  inSquaresProject(async project => {
    const { code, out, err } = await project.train('--store', 'my runs')
    assert.is(code, 0, err)

    const trained = err.match(
      /^Train Epoch: \d\/3 \[step \d\/6\] \d+\/s Data: [\d.]+ % LR: \S+ Logit Scale: \S+ Loss: .*$/gm,
    )
    assert.is(trained?.length, 3, err)
    assert.is(err.match(/^Eval Epoch: \d\/3 text→image R@1: \d\.\d{3} R@5: .* val loss: \d+\.\d{3}$/gm)?.length, 3, err)
    assert.not.match(err, '\u001b')

    assert.match(out, /^squares is completed: 6 of 6 steps\. Its best textToImageRecallAt1 is /m)
    assert.match(out, /^6 steps took .*: [\d,]+ pictures\/s, [\d.]+ % of the time waiting for data\.$/m)
    assert.match(out, /^text → image +\d\.\d{3} /m)
    const sheet = out.match(/^retrievals +(.*)$/m)?.[1] ?? ''
    const { format, width } = await sharp(project.path(sheet)).metadata()
    assert.is(format, 'png')
    assert.ok(width > 100)
    const checkpoints = [...out.matchAll(/^checkpoint +(.*\.safetensors) \(/gm)].map(([, file = '']) => file)
    assert.ok(checkpoints.length >= 2)
    for (const file of checkpoints) assert.ok(existsSync(project.path(file)), file)

    const commands = [...out.matchAll(/^ +npx chronograd (\w+ .*?) {2,}\S.*$/gm)].map(([, words = '']) => words)
    assert.equal(
      commands.map(words => words.split(' ')[0]),
      ['show', 'plot', 'log', 'verify', 'serve', 'search'],
    )
    // What serves does not end by itself; it has a test of its own.
    for (const words of commands.filter(words => !words.startsWith('serve'))) {
      const typed = `${chronogradCommand.map(word => `'${word}'`).join(' ')} ${words}`
      const ended = await startCommand(['sh', '-c', typed], project.options).ended
      assert.is(ended.code, 0, `${words}: ${ended.err}`)
      assert.match(ended.out, 'squares')
    }
  }),
)

training(
  'with --json prints the journal on standard output and nothing else; settings come from the command line',
  () =>
    inSquaresProject(async project => {
      const set = [
        '--set',
        'optimizer.learningRate=2e-3',
        '--set',
        'name=other',
        '--set',
        'checkpoints.every={"steps":2}',
      ]
      const { code, out, err } = await project.train(
        '--json',
        '--max-steps',
        '4',
        '--epochs',
        '7',
        '--seed',
        '5',
        ...set,
      )
      assert.is(code, 0, err)
      const log = await project.run('log', 'latest', '--json')
      assert.is(out, log.out)

      const events = jsonLines(out)
      assert.equal(
        events.map(({ version }) => version),
        events.map((_, index) => index + 1),
      )
      const config = events[0]?.data.config as Record<string, unknown>
      assert.equal([config.epochs, config.maxSteps, config.seed, config.name], [7, 4, 5, 'other'])
      assert.is((config.optimizer as Record<string, unknown>).learningRate, 2e-3)
      assert.is(events.filter(({ type }) => type === 'step.completed').length, 4)
      assert.is(events.at(-1)?.type, 'run.completed')
      assert.match(err, 'other is completed: 4 of 4 steps.')
    }),
)

training('takes JavaScript, CommonJS, TypeScript with its own imports, and a function of the backend', () =>
  inSquaresProject(async project => {
    const asFunction = squaresConfig("name: 'on-' + backend,").replace('defineRun({', 'defineRun(({ backend }) => ({')
    const files = {
      'config.mjs': squaresConfig(),
      'config.js': squaresConfig(),
      'config.cjs': `const { defineRun, inMemorySource } = require('chronograd')
        const image = { width: 8, height: 8, pixels: new Uint8Array(192) }
        const samples = [1, 2, 3, 4].map(n => ({ key: 'k' + n, image, captions: ['number ' + n] }))
        module.exports = defineRun({ name: 'common', trainData: inMemorySource('s', samples), batchSize: 4, imageSize: 8 })`,
      'function.ts': `import type { Source } from 'chronograd'\nimport { extra } from './extra.ts'\n${asFunction.replace(/\}\)\s*$/, '...extra as { source?: Source } }))')}`,
    }
    await project.write('extra.ts', 'export const extra: object = {}\n')
    for (const [file, text] of Object.entries(files)) {
      await project.write(file, text)
      const { code, out, err } = await project.run('train', file, '--backend', 'wasm', '--max-steps', '1')
      assert.is(code, 0, `${file}: ${err}`)
      assert.match(out, 'is completed: 1 of 1 step.')
    }
    assert.match((await project.run('runs')).out, /^on-wasm /m)
  }),
)

const badInput = suite('bad input')

const broken: Readonly<Record<string, string>> = {
  'syntax.ts': 'export default {\n  const\n',
  'empty.ts': '',
  'unnamed.ts': 'export const run = {}\n',
  'number.ts': 'export default 3\n',
  'throws.ts': "throw new Error('no such planet')\n",
  'import.ts': "import { nothing } from './nowhere.ts'\nexport default nothing\n",
  'fieldless.ts': 'export default { name: "x" }\n',
  'field.ts': squaresConfig('colour: 3,'),
  'nested.ts': squaresConfig('optimizer: { rate: 3, clipNorm: "much" },'),
  'source.ts': squaresConfig('valData: [1, 2],'),
  'jsonl.ts': squaresConfig("trainData: jsonlSource('nowhere.jsonl'),"),
}

/** Arguments, and what the one sentence must say. */
const wrongUse: readonly (readonly [args: string, said: string | RegExp])[] = [
  ['nope.ts', 'There is no configuration file nope.ts; give the path of one.'],
  ['pictures', 'There is no configuration file pictures; give the path of one.'],
  ['syntax.ts', /The configuration file syntax\.ts cannot be loaded: .*(Unexpected|syntax)/i],
  ['empty.ts', 'The configuration file empty.ts exports no run'],
  ['unnamed.ts', 'The configuration file unnamed.ts exports no run'],
  ['number.ts', 'The configuration file number.ts exports no run'],
  ['throws.ts', 'The configuration file throws.ts cannot be loaded: no such planet.'],
  ['import.ts', /The configuration file import\.ts cannot be loaded: .*nowhere\.ts/],
  ['fieldless.ts', 'The run in fieldless.ts is wrong: trainData: it takes a source'],
  ['field.ts --backend wasm', 'there is no setting "colour"'],
  ['nested.ts --backend wasm', /optimizer\.clipNorm: .*; there is no setting "optimizer\.rate"/],
  ['source.ts --backend wasm', 'The run in source.ts is wrong: valData: it takes a source'],
  ['jsonl.ts', /The configuration file jsonl\.ts cannot be loaded: The samples in .*nowhere\.jsonl cannot be read/],
  ['config.ts --backend wasm --set epochs', '"epochs" is no assignment; --set takes key=value'],
  ['config.ts --backend wasm --set epoch=3', 'there is no setting "epoch"'],
  ['config.ts --backend wasm --set epochs=many', 'epochs: '],
  ['config.ts --backend wasm --set epochs.x=3', 'epochs is not a group of settings'],
  ['config.ts --backend wasm --set __proto__.epochs=3', 'there is no setting "__proto__"'],
  ['config.ts --backend wasm --set trainData=3', 'There is no setting "trainData" to replace'],
  ['config.ts --backend gpu', "argument 'gpu' is invalid. Allowed choices are auto, tensorflow, wasm, cpu."],
  ['config.ts --epochs 0', 'It takes a whole number from 1.'],
  ['config.ts --max-steps 1e3', 'It takes a whole number from 1.'],
  ['config.ts other.ts', 'too many arguments'],
  ['config.ts --sed 3', "unknown option '--sed'"],
  ['', "missing required argument 'config'"],
]

badInput('is told in one sentence with exit code 2, and leaves nothing behind', () =>
  inSquaresProject(async project => {
    for (const [file, text] of Object.entries(broken)) await project.write(file, text)
    const before = await project.files()
    const calls = wrongUse.map(([args]) => ['train', ...args.split(' ').filter(Boolean)])
    const ended = await mainInTurn(calls, project.options)
    for (const [index, [args, said]] of wrongUse.entries()) {
      const { code, out, err } = ended[index] as Ended
      assert.is(code, 2, `${args}: ${err}`)
      assert.is(out, '')
      assert.match(err, /^chronograd: [^\n]+\n(\(Did you mean [^\n]+\)\n)?$/, args)
      assert.match(err, said)
    }
    assert.equal(await project.files(), before)

    const alone = await project.run('train', 'nope.ts')
    assert.equal([alone.code, alone.out, alone.err], [2, '', (ended[0] as Ended).err])
  }),
)

badInput('--debug adds the stack', () =>
  inSquaresProject(async project => {
    const { code, err } = await project.run('train', 'nope.ts', '--debug')
    assert.is(code, 2)
    assert.match(err, /UsageError: There is no configuration file nope\.ts.*\n +at /)
  }),
)

const data = suite('bad data')

data('a broken and a missing picture are left out, told and counted', () =>
  inSquaresProject(async project => {
    await project.write('pictures/red.png', 'no picture')
    await rename(project.path('pictures', 'blue.png'), project.path('pictures', 'moved.png'))
    const { code, out, err } = await project.train('--set', 'maximumBadShare=0.5')
    assert.is(code, 0, err)
    assert.match(err, /^Left out red of squares\.jsonl: .+$/m)
    assert.match(err, /^Left out blue of squares\.jsonl: .*no such file/m)
    assert.match(out, /^Left out because they could not be read: 4 samples\.$/m)
    assert.match((await project.run('show', 'squares')).out, /^samples skipped +4$/m)
  }),
)

data('too much of it ends the run with one sentence, which the log has as well; mended, the run goes on', () =>
  inSquaresProject(async project => {
    const picture = await project.read('pictures', 'red.png')
    await project.write('pictures/red.png', picture.subarray(0, 20))
    const { code, err, out } = await project.train()
    assert.is(code, 1)
    assert.is(out, '')
    const [, sentence = ''] = err.match(/^chronograd: (1 of the 8 samples of squares\.jsonl cannot be used.*)$/m) ?? []
    assert.ok(sentence !== '', err)
    assert.match(err, 'When the cause is gone: npx chronograd resume squares\n')
    assert.not.match(err, /^ +at /m)

    const runs = JSON.parse((await project.run('runs', '--json')).out)
    assert.equal([runs[0].run, runs[0].state, runs[0].step], ['squares', 'failed', 0])
    assert.ok((await project.run('show', 'squares')).out.includes(sentence))
    assert.ok((await project.run('log', 'squares', '--type', 'run.failed', '--json')).out.includes(sentence))

    await project.write('pictures/red.png', picture)
    const resumed = await project.run('resume', 'squares')
    assert.is(resumed.code, 0, resumed.err)
    assert.match(resumed.out, 'squares is completed: 6 of 6 steps.')
  }),
)

data('names from the data cannot steer the terminal', () =>
  inSquaresProject(async project => {
    const hostile = '\u001b[2J\u001b]0;pwned\u0007\u202e'
    const lines = [0, 1, 2, 3].map(n =>
      JSON.stringify({
        key: n === 3 ? 'no picture' : `${hostile}${n}`,
        image: n === 3 ? 'none.png' : 'pictures/red.png',
        caption: `${hostile} ${n}`,
      }),
    )
    await project.write('squares.jsonl', lines.join('\n'))
    const set = ['--set', 'maximumBadShare=0.5', '--set', 'batchSize=2', '--set', `tags=${JSON.stringify([hostile])}`]
    const { code, out, err } = await project.train(...set)
    assert.is(code, 0, err)
    const printed = [out, err]
    for (const args of [['runs'], ['show', 'squares'], ['log', 'squares'], ['verify', 'squares']]) {
      printed.push((await project.run(...args)).out)
    }
    assert.match(printed.join(''), 'pwned')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    for (const text of printed) assert.not.match(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  }),
)

training.run()
badInput.run()
data.run()
