import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packagesOf, source } from '../support/packages-of.ts'

const loading = suite('what draws charts')

loading('is loaded by whoever draws', () => {
  assert.ok(packagesOf(source('reports/save-charts.ts')).has('echarts/core'))
})

for (const file of ['index.ts', 'cli/main.ts', 'trainer/multimodal-trainer.ts', 'metrics/metrics-collector.ts']) {
  loading(`is not loaded by src/${file}`, () => {
    const packages = [...packagesOf(source(file))]
    assert.ok(packages.length > 1, packages.join(' '))
    assert.equal(
      packages.filter(name => name.startsWith('echarts')),
      [],
    )
  })
}

loading.run()
