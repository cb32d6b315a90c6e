import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import type { Chart } from '../../src/reports/chart.ts'
import { loading, moduleAt } from '../support/as-tests-run.ts'
import { startCommand } from '../support/command-line.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const plotting = suite('MetricsCollector: plotHistory')

function measured<Collector extends MetricsCollector>(metrics: Collector): Collector {
  for (let step = 1; step <= 200; step++) {
    metrics.update({ loss: 3 / Math.sqrt(step), accuracy: step / 200 }, { prefix: 'train', step })
    if (step % 50 === 0) metrics.update({ loss: 4 / Math.sqrt(step) }, { prefix: 'val', step })
  }
  return metrics
}

plotting('makes the folder and draws every chart as SVG and PNG', async () => {
  await inTemporaryFolder(async folder => {
    const saveDir = path.join(folder, 'new', 'plots')
    const files = await measured(new MetricsCollector()).plotHistory({ saveDir })
    assert.equal(
      files.map(file => path.relative(saveDir, file)),
      ['loss.svg', 'loss.png', 'accuracy.svg', 'accuracy.png'],
    )
    assert.equal((await readdir(saveDir)).sort(), ['accuracy.png', 'accuracy.svg', 'loss.png', 'loss.svg'])
    assert.match(await readFile(path.join(saveDir, 'loss.svg'), 'utf8'), /^<svg[\s\S]*>Loss<[\s\S]*<\/svg>$/)
    const { format, width, height } = await sharp(path.join(saveDir, 'loss.png')).metadata()
    assert.equal([format, width, height], ['png', 1920, 960])
  })
})

plotting('draws nothing where nothing was measured', async () => {
  await inTemporaryFolder(async saveDir => {
    assert.equal(await new MetricsCollector().plotHistory({ saveDir }), [])
  })
})

plotting('draws the charts of a subclass beside the others', async () => {
  class WithRatio extends MetricsCollector {
    override plots(): readonly Chart[] {
      const { steps, values } = this.getMetric('val_loss')
      const lines = [{ label: 'half', steps, values: values.map(value => value / 2) }]
      return [...super.plots(), { name: 'half-loss', title: 'Half of the loss', axis: 'loss', lines }]
    }
  }
  await inTemporaryFolder(async saveDir => {
    const files = await measured(new WithRatio()).plotHistory({ saveDir })
    assert.equal(files.slice(-2), [path.join(saveDir, 'half-loss.svg'), path.join(saveDir, 'half-loss.png')])
    assert.match(await readFile(path.join(saveDir, 'half-loss.svg'), 'utf8'), />Half of the loss</)
  })
})

plotting('loads what draws only when something is drawn', async () => {
  const script = `
    import { MetricsCollector } from ${JSON.stringify(moduleAt('src/metrics/metrics-collector.ts'))}
    import { createRequire } from 'node:module'
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some(file => file.includes('resvg'))
    const metrics = new MetricsCollector()
    metrics.update({ loss: 1 })
    const before = loaded()
    await metrics.plotHistory({ saveDir: 'plots' })
    console.log(before, loaded())`
  await inTemporaryFolder(async cwd => {
    const command = [process.execPath, ...loading, '--input-type=module', '-e', script]
    const { out, err } = await startCommand(command, { cwd }).ended
    assert.is(out, 'false true\n', err)
  })
})

plotting.run()
