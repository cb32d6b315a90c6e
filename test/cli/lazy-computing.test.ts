import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packagesOf, source } from '../support/packages-of.ts'

const loading = suite('what computes')

loading('is loaded by whoever trains', () => {
  const computing = [...packagesOf(source('trainer/re-execution/reexecute.ts'))]
  assert.ok(computing.some(name => name.startsWith('@tensorflow/')))
})

for (const file of [
  'cli/main.ts',
  'cli/commands/verify.ts',
  'verification/verify-run.ts',
  'dashboard/serve-dashboard.ts',
]) {
  loading(`is not loaded by src/${file}, so that looking at a run starts at once`, () => {
    const packages = [...packagesOf(source(file))]
    assert.ok(packages.length > 1, packages.join(' '))
    assert.equal(
      packages.filter(name => name.startsWith('@tensorflow/')),
      [],
    )
  })
}

loading.run()
