/**
 * What it takes to measure a large split: retrieval both ways, the loss over all pairs, and how features spread, for as
 * many pictures as captions, with the time of each and the most memory held. Features are random but for what a picture
 * and its caption share, so that ranks are as a half-trained model's.
 *
 *   node --import tsx bench/evaluation.ts [tensorflow|wasm|cpu] [pictures] [dimension]
 */
import type { BackendName } from '../src/backends/backend.ts'
import { prepareBackend } from '../src/backends/prepare-backend.ts'
import { alignment } from '../src/learning/metrics/alignment.ts'
import type { FeatureMatrix } from '../src/learning/metrics/feature-matrix.ts'
import { featureMoments } from '../src/learning/metrics/feature-moments.ts'
import { retrieval } from '../src/learning/metrics/retrieval.ts'
import { splitLoss } from '../src/learning/metrics/split-loss.ts'
import { effectiveRank } from '../src/learning/metrics/spread.ts'
import { uniformity } from '../src/learning/metrics/uniformity.ts'
import { Random } from '../src/random/random.ts'

const backend = await prepareBackend((process.argv[2] ?? 'tensorflow') as BackendName)
const rows = Number(process.argv[3] ?? 50_000)
const dimension = Number(process.argv[4] ?? 128)

/** Rows of length 1, each its own direction and some of a direction that both sides share. */
function features(side: number): FeatureMatrix {
  const values = new Float32Array(rows * dimension)
  for (let row = 0; row < rows; row++) {
    const [own, shared] = [new Random(side, 'bench', row), new Random(0, 'bench', row)]
    const vector = Float64Array.from({ length: dimension }, () => own.normal() + 0.6 * shared.normal())
    const length = Math.hypot(...vector)
    values.set(
      vector.map(value => value / length),
      row * dimension,
    )
  }
  return { values, rows, dimension }
}

const images = features(1)
const texts = features(2)
const groups = Int32Array.from({ length: rows }, (_, row) => row)
const pictures = Uint32Array.from(groups)
const grouped = [
  { features: images, groups },
  { features: texts, groups },
] as const

let peak = 0
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss)
}, 20)
const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
const before = process.memoryUsage().rss
console.log(
  `${rows} pictures and captions of ${dimension} numbers on ${backend.name}; ${megabytes(before)} at the start`,
)

async function measure(what: string, work: () => unknown): Promise<void> {
  const [started, used] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const seconds = ((performance.now() - started) / 1000).toFixed(2)
  const { user, system } = process.cpuUsage(used)
  // The processor's time says more than the clock's where others work beside.
  console.log(`${what}: ${seconds} s, ${((user + system) / 1e6).toFixed(2)} s of all cores together`, result)
}

const started = performance.now()
await measure('retrieval', () => retrieval(...grouped))
await measure('split loss', () => splitLoss(...grouped, 1 / 0.07))
const moments = { images: featureMoments(images), texts: featureMoments(texts) }
await measure('alignment', () => alignment(images, texts, pictures, moments))
await measure('effective rank', () => effectiveRank(moments.images))
await measure('uniformity', async () => [await uniformity(images), await uniformity(texts)])
clearInterval(watch)
const seconds = ((performance.now() - started) / 1000).toFixed(1)
console.log(`together ${seconds} s, at most ${megabytes(peak)} resident, ${megabytes(peak - before)} more than before`)
