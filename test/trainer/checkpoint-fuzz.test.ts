import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { ChronogradError } from '../../src/errors/chronograd-error.ts'
import { Random } from '../../src/random/random.ts'
import { CheckpointManager } from '../../src/trainer/checkpoint-manager.ts'
import { OwnPart } from '../support/own-part.ts'
import { assertSame } from '../support/same.ts'
import { stateOf } from '../support/state.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('damaged and hostile checkpoints')

test.before(async () => {
  await prepareBackend('cpu')
})

const files = 10_000

/** An entry of a header as it is written; a hostile one may hold anything. */
type Entry = Record<string, unknown>

/** A whole checkpoint, taken apart. */
interface Taken {
  readonly bytes: Buffer
  readonly header: Readonly<Record<string, Entry>>
  readonly data: Buffer
}

function takeApart(bytes: Buffer): Taken {
  const end = 8 + Number(bytes.readBigUInt64LE())
  return { bytes, header: JSON.parse(bytes.toString('utf8', 8, end)), data: bytes.subarray(end) }
}

function withHeader({ data }: Taken, header: unknown): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, data])
}

/** The file with one of its arrays told otherwise. */
function withEntry(taken: Taken, random: Random, change: Entry): Buffer {
  const names = Object.keys(taken.header).filter(name => name !== '__metadata__')
  const name = pick(random, names)
  return withHeader(taken, { ...taken.header, [name]: { ...taken.header[name], ...change } })
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[random.integer(values.length)] as Value
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(256)))
}

const numbers = [-1, 0, 0.5, 1, 3, 4, 7, 8, 48, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e300, null, '4', [4]]
const words = ['', 'F16', 'BF16', 'F64', 'I64', 'U8', 'BOOL', 'f32', 'F99', 'constructor', '__proto__', 32, null, {}]

const damages: Readonly<Record<string, (taken: Taken, random: Random) => Buffer>> = {
  truncated: ({ bytes }, random) => bytes.subarray(0, random.integer(bytes.length)),
  'with other bits': ({ bytes }, random) => {
    const changed = Buffer.from(bytes)
    const place = random.integer(bytes.length)
    changed.writeUInt8(changed.readUInt8(place) ^ (1 + random.integer(255)), place)
    return changed
  },
  'with a stretch left out': ({ bytes }, random) => {
    const from = random.integer(bytes.length)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + random.integer(64))])
  },
  'with a stretch put in': ({ bytes }, random) => {
    const at = random.integer(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), randomBytes(random, 1 + random.integer(64)), bytes.subarray(at)])
  },
  'with another length of its header': ({ bytes }, random) => {
    const changed = Buffer.from(bytes)
    const lengths = [
      0n,
      1n,
      BigInt(bytes.length),
      2n ** 24n,
      10n ** 8n,
      2n ** 32n,
      2n ** 53n,
      2n ** 63n,
      2n ** 64n - 1n,
    ]
    changed.writeBigUInt64LE(random.integer(2) === 0 ? pick(random, lengths) : BigInt(random.bits()))
    return changed
  },
  'with other offsets': (taken, random) => {
    const offsets = Array.from({ length: pick(random, [1, 2, 2, 2, 3]) }, () => pick(random, numbers))
    return withEntry(taken, random, { data_offsets: offsets })
  },
  'with another shape': (taken, random) => {
    const sides = [...numbers, 2 ** 31, 2 ** 52]
    const shape = Array.from({ length: random.integer(40) }, () => pick(random, sides))
    return withEntry(taken, random, { shape })
  },
  'with another type of number': (taken, random) => withEntry(taken, random, { dtype: pick(random, words) }),
  'with a field too many': (taken, random) => withEntry(taken, random, { [`${random.bits()}`]: pick(random, words) }),
  'with an array told twice': (taken, random) => {
    const entries = Object.entries(taken.header).map(
      ([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`,
    )
    return withHeader(taken, `{${[...entries, pick(random, entries)].join(',')}}`)
  },
  'with an odd name': (taken, random) => {
    const name = pick(random, ['__proto__', 'constructor', 'toString', '\\u0000', '\\ud800', 'model.', '.', 'sha256'])
    const entry = JSON.stringify(pick(random, Object.values(taken.header)))
    return withHeader(taken, `{"${name}":${entry},${JSON.stringify(taken.header).slice(1)}`)
  },
  'with other metadata': (taken, random) => {
    const key = pick(random, ['format', 'state', 'metric', 'counters', 'custom', '__proto__'])
    const value = pick<unknown>(random, [
      '',
      '{',
      '[]',
      'null',
      '1e999',
      '{"currentEpoch":-1}',
      7,
      null,
      '['.repeat(5_000),
    ])
    const metadata = `{"${key}":${JSON.stringify(value)}}`
    return withHeader(taken, `{"__metadata__":${metadata},${JSON.stringify(taken.header).slice(1)}`)
  },
  'nested deeply': (taken, random) => {
    const depth = 1 + random.integer(2_000)
    const [open, close] = pick(random, [
      ['[', ']'],
      ['{"a":', '}'],
      ['{"model.kernel":', '}'],
      ['{"__metadata__":', '}'],
    ] as const)
    return withHeader(taken, `${open.repeat(depth)}1${close.repeat(depth)}`)
  },
  'of random bytes': (_, random) => randomBytes(random, random.integer(256)),
}

test(`${files} of them give an error each, and change nothing`, async () => {
  await inTemporaryFolder(async folder => {
    const model = new OwnPart({ kernel: [3, 4], bias: [4] }, {}, 0.5)
    const optimizer = new OwnPart({ 'first.kernel': [12] }, { step: 7 }, 0.25)
    const manager = new CheckpointManager({ model, optimizer, checkpointDir: folder })
    manager.updateState({ currentEpoch: 2, globalStep: 9 })
    const file = join(folder, 'checkpoint.safetensors')
    await manager.saveCheckpoint(file)
    await manager.loadCheckpoint(file)
    const taken = takeApart(await readFile(file))
    const before = [stateOf(model), stateOf(optimizer), manager.state]

    const kinds = Object.entries(damages)
    let most = 0
    const { rss } = process.memoryUsage()
    for (let index = 0; index < files; index++) {
      const [kind, damage] = kinds[index % kinds.length] as (typeof kinds)[number]
      const bytes = damage(taken, new Random(11, 'bench', index))
      if (bytes.equals(taken.bytes)) continue
      await writeFile(file, bytes)
      try {
        await manager.loadCheckpoint(file)
        assert.unreachable(`file ${index}, ${kind}, was loaded`)
      } catch (error) {
        assert.instance(error, ChronogradError, `file ${index}, ${kind}: ${error}`)
      }
      if (index % 20 === 0) most = Math.max(most, process.memoryUsage.rss() - rss)
    }
    assertSame([stateOf(model), stateOf(optimizer), manager.state], before)
    // None of them has more than a few thousand bytes, whatever they say.
    assert.ok(most < 256 * 2 ** 20, `the process grew by ${most} bytes`)
  })
})

test.run()
