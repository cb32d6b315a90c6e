import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BackendName, backendNames } from './backend.ts'
import { type BackendExamination, backendExamination } from './examination.ts'

/** How long a backend may take before it is given up, in milliseconds. */
const patience = 120_000

/**
 * Examines every backend on this machine, one after the other and each in a process of its own, so that one that
 * crashes harms nothing: whether it is usable or why not, its version, its threads and how quick it is.
 *
 * @example
 * for (const examination of await examineBackends()) {
 *   console.log(examination.name, examination.usable ? `${examination.gigaflops} GFLOP/s` : examination.reason)
 * }
 */
export async function examineBackends(): Promise<BackendExamination[]> {
  const examinations: BackendExamination[] = []
  // Not at once: they would take the processor from each other.
  for (const name of backendNames) examinations.push(await examineBackend(name))
  return examinations
}

function examineBackend(name: BackendName): Promise<BackendExamination> {
  // Beside this file, as TypeScript or compiled; `fork` hands on the options that this process runs TypeScript with.
  const here = fileURLToPath(import.meta.url)
  const script = fileURLToPath(new URL(`./examine-in-child${extname(here)}`, import.meta.url))
  return new Promise(resolve => {
    const child = fork(script, [name], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], timeout: patience })
    let examination: BackendExamination | undefined
    let output = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
    child.on('message', message => {
      examination = backendExamination.parse(message)
    })
    child.on('error', error =>
      resolve({ usable: false, name, reason: `The examination did not start: ${error.message}.` }),
    )
    child.on('close', (code, signal) => {
      const end = signal === null ? `ended with code ${code}` : `was ended by ${signal}`
      const lastLine = output.trim().split('\n').at(-1) ?? ''
      resolve(examination ?? { usable: false, name, reason: `The process that tried it ${end}. ${lastLine}`.trim() })
    })
  })
}
