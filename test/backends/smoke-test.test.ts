import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Installation, installationInUse } from '../../src/backends/tensorflow/installation.ts'
import { noGpu } from '../../src/backends/tensorflow/nvidia-driver.ts'
import { TensorflowSetupError } from '../../src/backends/tensorflow/setup-error.ts'
import { smokeTest } from '../../src/backends/tensorflow/smoke-test.ts'
import { rejectedBy } from '../support/rejected.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const testing = suite('the test of a finished setup')
const installation = installationInUse()

/** A copy of this machine's setup whose large libraries are links. */
function copyOf({ folder }: Installation, copy: string): void {
  mkdirSync(copy)
  for (const name of ['dist', 'node_modules', 'setup.json', 'tfjs_binding.node']) {
    cpSync(join(folder, name), join(copy, name), { recursive: true })
  }
  writeFileSync(join(copy, 'package.json'), '{ "type": "commonjs" }')
  const names = ['tensorflow', 'nvidia', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']
  for (const name of names) if (existsSync(join(folder, name))) symlinkSync(join(folder, name), join(copy, name))
}

async function complaint(folder: string): Promise<string> {
  const { message } = await rejectedBy(TensorflowSetupError, () => smokeTest(folder))
  assert.match(message, /was built but fails its test, so it was not put in place: /)
  return message
}

testing('refuses a folder in which nothing was set up', () =>
  inTemporaryFolder(async folder => assert.match(await complaint(folder), /no finished setup/)),
)

if (installation !== undefined) {
  testing('passes what was set up here, and tells what it computes with', async () => {
    const { threads, build } = await smokeTest(installation.folder)
    assert.ok(threads >= 1)
    assert.match(build.binding ?? '', /set up by chronograd/)
    assert.type(build.oneDnn, 'string')
    assert.is('gpu' in build, installation.manifest.gpu)
  })

  testing('tells a build for GPUs from one for processors, and that it found none', () =>
    inTemporaryFolder(async folder => {
      const copy = join(folder, 'copy')
      copyOf(installation, copy)
      // The libraries stay those for processors, which have no GPU to find.
      writeFileSync(join(copy, 'setup.json'), JSON.stringify({ ...installation.manifest, gpu: true }))
      const { build } = await smokeTest(copy)
      assert.match(build.binding ?? '', /^tfjs-node-gpu /)
      assert.ok(build.gpu === noGpu || installation.manifest.gpu, build.gpu)
    }),
  )

  testing('refuses a setup that computes another number', () =>
    inTemporaryFolder(async folder => {
      const copy = join(folder, 'copy')
      copyOf(installation, copy)
      const kernel = join(copy, 'dist', 'kernels', 'Relu.js')
      const source = readFileSync(kernel, 'utf8')
      writeFileSync(kernel, source.replace('executeSingleInput(tfjs_1.Relu,', "executeSingleInput('Tanh',"))
      assert.match(await complaint(copy), /the loss comes out as [\d.]+ instead of 3\.2485873\.$/)
    }),
  )

  testing('refuses a binding that does not load, and one that takes its process with it', () =>
    inTemporaryFolder(async folder => {
      const copy = join(folder, 'copy')
      copyOf(installation, copy)
      writeFileSync(join(copy, 'tfjs_binding.node'), 'no binding')
      assert.match(await complaint(copy), /invalid ELF header|not a mach-o file|not valid|too short/i)
      writeFileSync(join(copy, 'dist', 'nodejs_kernel_backend.js'), "process.kill(process.pid, 'SIGKILL')")
      cpSync(join(installation.folder, 'tfjs_binding.node'), join(copy, 'tfjs_binding.node'))
      assert.match(await complaint(copy), /was ended by SIGKILL/)
    }),
  )
}

testing.run()
