import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { trainerMachine } from '../../machines/trainer.ts'
import { type FaultPoint, faultPoints } from '../../src/faults/fault-point.ts'
import { Journal } from '../../src/journal/journal.ts'
import { JournalOpenError } from '../../src/journal/journal-errors.ts'
import { tidyFeatures } from '../../src/search/searched-features.ts'
import { runStream, Store } from '../../src/storage/store.ts'
import { CrashProject } from './crash-project.ts'
import { befalls, type Kill, planKills } from './kill-plan.ts'
import { launch } from './launch.ts'
import { faultsOf, type Outcome, outcomeAfter, outcomeOf, strayFiles } from './outcome.ts'

export interface CrashTestOptions {
  /** How many processes are killed. */
  readonly kills: number
  readonly backend: 'wasm' | 'tensorflow' | 'cpu'
  /** What the moments of the kills follow from. */
  readonly seed: number
  /** An empty folder for everything that is made. */
  readonly folder: string
  readonly onProgress: (sentence: string) => void
}

export interface CrashTestResult {
  readonly kills: number
  /** How many processes went on with a run that another was killed in. */
  readonly resumes: number
  /** Whether every run ended with the weights, the metrics and the checkpoint of the run that nobody disturbed. */
  readonly identical: boolean
  /** Events that were in the journal after a kill, or had been printed before it, and were not there at the end. */
  readonly eventsLost: number
  /** Whether `chronograd verify` finds every run whole, and no file is left over. */
  readonly verify: boolean
  readonly backend: string
  readonly seed: number
  readonly runs: number
  /** How many processes died at each fault point, and how many at a random instant. */
  readonly deaths: Readonly<Record<FaultPoint | 'random', number>>
  /** What was not as promised, in words. */
  readonly faults: readonly string[]
  readonly seconds: number
}

/** How often one run is killed before it may end. */
const killsPerRun = 8

/** The step that runs are forked at: one that has no checkpoint, so that what leads to it is done again. */
const forkedAt = 17

/** How often a kill is tried again whose process came to its end too early. */
const tries = 3

/** Trains runs that are killed over and over, and compares each with one that nobody disturbed. */
export async function runCrashTest(options: CrashTestOptions): Promise<CrashTestResult> {
  const began = performance.now()
  const project = await CrashProject.make(options.folder)
  const undisturbed = project.store('undisturbed')
  const first = await launch(project, training(project, 'run', options), undisturbed, undefined)
  if (first.code !== 0) throw new Error(`The run that nobody disturbs ended with ${first.code}: ${first.complaint}`)
  const trial = new Trial(options, project, await outcomeOf(undisturbed, 'run'))
  while (trial.killsLeft > 0) await trial.trainOneRun()
  return { ...trial.result(), seconds: (performance.now() - began) / 1_000 }
}

function training(project: CrashProject, run: string, { backend }: CrashTestOptions): string[] {
  return ['train', project.config, '--set', `name=${run}`, '--backend', backend]
}

function forking(run: string): string[] {
  return ['fork', 'run', '--at', String(forkedAt), '--name', run]
}

interface Planned {
  readonly kill: Kill
  readonly triesLeft: number
}

class Trial {
  readonly #options: CrashTestOptions
  readonly #project: CrashProject
  readonly #expected: Outcome
  readonly #planned: Planned[]
  readonly #deaths: Record<FaultPoint | 'random', number>
  readonly #faults: string[] = []
  #runs = 0
  #kills = 0
  #resumes = 0
  #eventsLost = 0
  #identical = true
  #verified = true

  constructor(options: CrashTestOptions, project: CrashProject, expected: Outcome) {
    this.#options = options
    this.#project = project
    this.#expected = expected
    this.#planned = planKills(options.kills, options.seed).map(kill => ({ kill, triesLeft: tries }))
    const none = Object.fromEntries(faultPoints.map(point => [point, 0])) as Record<FaultPoint, number>
    this.#deaths = { ...none, random: 0 }
  }

  get killsLeft(): number {
    return this.#planned.length
  }

  result(): Omit<CrashTestResult, 'seconds'> {
    const { backend, seed } = this.#options
    return {
      kills: this.#kills,
      resumes: this.#resumes,
      identical: this.#identical,
      eventsLost: this.#eventsLost,
      verify: this.#verified,
      backend,
      seed,
      runs: this.#runs,
      deaths: this.#deaths,
      faults: this.#faults,
    }
  }

  /**
   * Begins a run, goes on with it as often as it is killed, and compares it when it is through. Where a kill is left for it,
   * the run is a fork of the one that nobody disturbed, with nothing changed.
   */
  async trainOneRun(): Promise<void> {
    this.#runs += 1
    const run = `run-${this.#runs}`
    // In a store of its own, so that each that is no fork begins with a journal that is not there yet.
    const store = this.#project.store(run)
    const isFork = this.#planned.some(({ kill }) => befalls(kill) === 'forkings')
    if (isFork) await cp(this.#project.store('undisturbed'), store, { recursive: true })
    const first = isFork ? forking(run) : training(this.#project, run, this.#options)
    const promised = new Map<string, string>()
    let kills = 0
    for (;;) {
      const { version, state } = this.#look(store, run, promised)
      if (state === 'completed') break
      const begins = version === 0
      const kind = begins ? (isFork ? 'forkings' : 'beginnings') : 'resumptions'
      const planned = this.#next(kind, kills >= killsPerRun)
      const words = begins ? first : ['resume', run, '--backend', this.#options.backend]
      const { killed, code, printed, complaint } = await launch(this.#project, words, store, planned?.kill)
      for (const { id, hash } of printed) promised.set(id, hash)
      if (!begins) this.#resumes += 1
      if (killed && planned !== undefined) {
        kills += 1
        this.#kills += 1
        this.#deaths['at' in planned.kill ? planned.kill.at : 'random'] += 1
        continue
      }
      if (planned !== undefined) this.#putBack(planned)
      if (code === 0) continue
      this.#faults.push(`${run}: ${words[0]} ended with ${code}: ${complaint.trim()}`)
      this.#identical = false
      return
    }
    await this.#judge(store, run, isFork ? outcomeAfter(forkedAt, this.#expected) : this.#expected)
    this.#options.onProgress(`${run}: killed ${kills} times; ${this.#kills} of ${this.#options.kills} kills done`)
  }

  /** The next kill that can befall such a process; none when the run has had enough, but for those at its end. */
  #next(process: 'beginnings' | 'forkings' | 'resumptions', enough: boolean): Planned | undefined {
    const suits = ({ kill }: Planned) => {
      const kind = befalls(kill)
      if (kind === 'endings') return enough || this.#planned.every(other => befalls(other.kill) === 'endings')
      if (enough) return false
      return kind === 'any' || kind === process
    }
    const index = this.#planned.findIndex(suits)
    return index < 0 ? undefined : this.#planned.splice(index, 1)[0]
  }

  /** A process that ended too early is no kill: another one is to die, and sooner. */
  #putBack({ kill, triesLeft }: Planned): void {
    if (triesLeft === 1) {
      this.#faults.push(`no process came to ${JSON.stringify(kill)} in ${tries} tries`)
      return
    }
    const sooner: Kill = 'at' in kill ? { ...kill, time: 1 } : { afterFact: 3, delay: 0 }
    this.#planned.push({ kill: sooner, triesLeft: triesLeft - 1 })
  }

  /** What the journal has of a run now; everything in it is promised from now on, and what was promised must be in it. */
  #look(store: string, run: string, promised: Map<string, string>): { version: number; state: unknown } {
    const stream = runStream(run)
    const journal = openJournal(new Store(store))
    // Nothing was promised by a process that died before there was a journal.
    if (journal === undefined && promised.size === 0) return { version: 0, state: 'absent' }
    if (journal === undefined) throw new Error(`The journal in ${store} is gone, with ${promised.size} events.`)
    try {
      const found = new Map<string, string>()
      for (const { id, hash } of journal.read({ stream })) found.set(id, hash)
      for (const [id, hash] of promised) {
        if (found.get(id) === hash) continue
        this.#eventsLost += 1
        this.#faults.push(`${run}: the event ${id} is lost`)
      }
      for (const [id, hash] of found) promised.set(id, hash)
      return { version: found.size, state: journal.fold(stream, trainerMachine).snapshot.value }
    } finally {
      journal.close()
    }
  }

  async #judge(store: string, run: string, expected: Outcome): Promise<void> {
    const outcome = await outcomeOf(store, run)
    for (const part of ['file', 'arrays', 'metrics'] as const) {
      if (isDeepStrictEqual(outcome[part], expected[part])) continue
      this.#identical = false
      this.#faults.push(`${run}: the ${part} differ from those of the run that nobody disturbed`)
    }
    // What a process killed after its run's end was keeping for searches goes with the next search.
    await tidyFeatures({ store: new Store(store), run })
    const found = [...(await faultsOf(store, run)), ...(await strayFiles(store, run))]
    if (found.length > 0) this.#verified = false
    this.#faults.push(...found.map(fault => `${run}: ${fault}`))
  }
}

/** As others look at it who do not train, so that the next attempt finds what the dead process left; or undefined where there is none. */
function openJournal({ journalPath }: Store): Journal | undefined {
  if (!existsSync(journalPath)) return undefined
  try {
    return Journal.open(journalPath, { readOnly: true })
  } catch (error) {
    // Its schema is entered in one transaction, which a death undoes.
    if (error instanceof JournalOpenError) return undefined
    throw error
  }
}
