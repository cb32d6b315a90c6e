import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { trainerMachine } from '../../machines/trainer.ts'
import { Journal } from '../../src/journal/journal.ts'
import { MetricsCollector } from '../../src/metrics/metrics-collector.ts'
import { openSafetensors } from '../../src/storage/safetensors-reader.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { JournalHome } from '../../src/subscribers/journal-home.ts'
import { standardSubscribers } from '../../src/subscribers/standard-subscribers.ts'
import { SubscriberRunner, settleTogether } from '../../src/subscribers/subscriber-runner.ts'
import { verifyRun } from '../../src/verification/verify-run.ts'

/** What is left of a run that is through: everything in it is a function of its settings, however often it was killed. */
export interface Outcome {
  /** The SHA-256 of the file of the checkpoint after the last step, and of each array in it by its name. */
  readonly file: string
  readonly arrays: Readonly<Record<string, string>>
  /** The current value of every metric at every step. */
  readonly metrics: Readonly<Record<string, readonly [steps: readonly number[], values: readonly number[]]>>
}

/** Reads what came of a run that is completed, when its subscribers have gone on from where a death may have left them. */
export async function outcomeOf(storeFolder: string, run: string): Promise<Outcome> {
  const store = new Store(storeFolder)
  const journal = Journal.open(store.journalPath)
  try {
    await catchUp(journal, run)
    const { context } = journal.fold(runStream(run), trainerMachine).snapshot
    const final = Object.values(context.checkpoints).find(({ step, uri }) => step === context.progress.step && uri)
    const file = final?.uri ? store.resolve(final.uri) : undefined
    if (file === undefined) throw new Error(`The run ${run} has no checkpoint after its last step.`)
    const collector = new MetricsCollector(new JournalHome(journal, runStream(run)))
    const metrics = Object.fromEntries(
      collector.names.filter(isExact).map(name => {
        const { steps, values } = collector.getMetric(name)
        return [name, [[...steps], [...values]] as const]
      }),
    )
    return { ...(await hashesOf(file)), metrics }
  } finally {
    journal.close()
  }
}

async function catchUp(journal: Journal, run: string): Promise<void> {
  const runners = standardSubscribers.map(
    subscriber => new SubscriberRunner(journal, subscriber, { stream: runStream(run) }),
  )
  await settleTogether(runners)
  for (const runner of runners) runner.stop()
}

/** What is to come of a fork after a step in which nothing was changed: the same, and of the metrics what came after. */
export function outcomeAfter(step: number, { metrics, ...weights }: Outcome): Outcome {
  const later = Object.entries(metrics).flatMap(([name, [steps, values]]) => {
    const from = steps.findIndex(each => each > step)
    return from < 0 ? [] : [[name, [steps.slice(from), values.slice(from)]] as const]
  })
  return { ...weights, metrics: Object.fromEntries(later) }
}

/** How long something took is another each time. */
function isExact(name: string): boolean {
  return !name.endsWith('Ms')
}

async function hashesOf(file: string): Promise<Pick<Outcome, 'file' | 'arrays'>> {
  const reader = await openSafetensors(file)
  try {
    const hashes = new Map<string, ReturnType<typeof createHash>>()
    const { sha256 } = await reader.scan(({ name }, bytes) => {
      const hash = hashes.get(name) ?? createHash('sha256')
      hashes.set(name, hash.update(bytes))
    })
    return { file: sha256, arrays: Object.fromEntries([...hashes].map(([name, hash]) => [name, hash.digest('hex')])) }
  } finally {
    await reader.close()
  }
}

/** What `chronograd verify` finds wrong with a run. */
export async function faultsOf(storeFolder: string, run: string): Promise<string[]> {
  const store = new Store(storeFolder)
  const journal = Journal.open(store.journalPath, { readOnly: true })
  try {
    const faults: string[] = []
    for await (const { ok, check, subject, message } of verifyRun(journal, store, run, standardSubscribers)) {
      if (!ok) faults.push(`${check} ${subject}: ${message}`)
    }
    return faults
  } finally {
    journal.close()
  }
}

/** Files of a run that its log does not name, and half-written ones anywhere in the store. */
export async function strayFiles(storeFolder: string, run: string): Promise<string[]> {
  const store = new Store(storeFolder)
  const journal = Journal.open(store.journalPath, { readOnly: true })
  try {
    const { checkpoints } = journal.fold(runStream(run), trainerMachine).snapshot.context
    const named = Object.values(checkpoints).flatMap(({ uri }) => (uri === null ? [] : [path.basename(uri)]))
    const inCheckpoints = await readdir(store.checkpointFolder(run))
    const anywhere = await readdir(storeFolder, { recursive: true })
    return [...inCheckpoints.filter(file => !named.includes(file)), ...anywhere.filter(file => file.endsWith('.tmp'))]
  } finally {
    journal.close()
  }
}
