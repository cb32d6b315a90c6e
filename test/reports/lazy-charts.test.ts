import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const loading = suite('what draws charts')

/** The packages that a module loads, itself or through what it imports, before it is asked to do anything. */
function packagesOf(module: URL, seen = new Set<string>(), packages = new Set<string>()): ReadonlySet<string> {
  if (seen.has(module.href)) return packages
  seen.add(module.href)
  const code = readFileSync(fileURLToPath(module), 'utf8')
  for (const [, names = '', from = ''] of code.matchAll(
    /^(?:import|export)\s+(?!type\b)(?:([^'"(=]*?)\s+from\s+)?'([^']+)'/gm,
  )) {
    const erased = /^\{(\s*type [^,}]+,?)+\s*\}$/.test(names)
    if (erased) continue
    if (from.startsWith('.')) packagesOf(new URL(from, module), seen, packages)
    else packages.add(from)
  }
  return packages
}

const source = (file: string) => new URL(`../../src/${file}`, import.meta.url)

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
