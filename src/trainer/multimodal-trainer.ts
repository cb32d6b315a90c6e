import path from 'node:path'
import type { Observable } from 'rxjs'
import { createActor } from 'xstate'
import { trainerMachine } from '../../machines/trainer.ts'
import type { TrainerCommand } from '../../machines/trainer-context.ts'
import type { Backend } from '../backends/backend.ts'
import { prepareBackend } from '../backends/prepare-backend.ts'
import { ChronogradError } from '../errors/chronograd-error.ts'
import { type TrainingEvent, type TrainingEventType, trainingEvents } from '../events/training-events.ts'
import { faultPoint } from '../faults/fault-point.ts'
import { refusalOf } from '../history/refusal.ts'
import { ConcurrencyError } from '../journal/expected-version.ts'
import { initialFold } from '../journal/fold.ts'
import { Journal } from '../journal/journal.ts'
import { JournalWriteError } from '../journal/journal-errors.ts'
import type { DualEncoder } from '../learning/dual-encoder.ts'
import type { Optimizer } from '../learning/optimizer.ts'
import { MetricsCollector } from '../metrics/metrics-collector.ts'
import type { MetricsHome } from '../metrics/metrics-home.ts'
import type { ProfileSummary } from '../profile/profile-summary.ts'
import { Profiler } from '../profile/profiler.ts'
import { RunLock } from '../storage/run-lock.ts'
import { runStream, Store } from '../storage/store.ts'
import { JournalHome } from '../subscribers/journal-home.ts'
import { standardSubscribers } from '../subscribers/standard-subscribers.ts'
import { assertSubscribers } from '../subscribers/subscriber.ts'
import type { CheckpointManager } from './checkpoint-manager.ts'
import { currentEnvironment } from './environment.ts'
import { FactEmitter, type FactListener, guardStreams } from './fact-emitter.ts'
import { removeUnbegun } from './fork/unbegun-run.ts'
import { guardInspector } from './guard-inspector.ts'
import { assertSameEnvironment } from './resume-checks.ts'
import { settingsOf, type TrainerDefinition } from './run-definition.ts'
import { RunLog, type TrainerActor } from './run-log.ts'
import { freeRunName } from './run-name.ts'
import type { RunParts } from './run-parts.ts'
import { creationOf, recordedSettings } from './run-record.ts'
import { assertEvaluable, parseRunSettings, type RunSettings } from './run-settings.ts'
import { CommandRefusedError, NotReadyError } from './trainer-errors.ts'
import type { TrainerOptions } from './trainer-options.ts'
import { TrainingSession } from './training-session.ts'

/**
 * Trains a dual encoder as an event-sourced actor system: every fact goes through the journal, and the lifecycle
 * machine, the subscribers and whoever listens follow from there.
 *
 * @example
 * const trainer = new MultimodalTrainer({ trainData, valData, epochs: 10 })
 * trainer.on('evaluation.completed', ({ data }) => console.log(data.metrics))
 * await trainer.train()
 */
export class MultimodalTrainer {
  /** The run's name: also its folder in the store, and `run/<name>` its stream. */
  readonly run: string
  readonly settings: RunSettings
  readonly journal: Journal
  /** The root of the run's actor system: the lifecycle. */
  readonly actor: TrainerActor
  /** The run's facts as they happen. Past ones are in `journal.events$`. */
  readonly events$: Observable<TrainingEvent>

  /** What the run has measured so far, as the metrics subscriber has it from the log; it stays readable after `close`. */
  readonly metrics: MetricsCollector

  readonly #definition: TrainerDefinition
  readonly #options: TrainerOptions
  readonly #store: Store
  readonly #log: RunLog
  readonly #emitter = new FactEmitter()
  readonly #profiler: Profiler | undefined
  readonly #accepted = new Set<TrainerCommand['type']>()
  #used = false
  #parts: RunParts | undefined

  /**
   * Opens the journal and, with `resume`, folds the run's log. Nothing is written before `train`.
   *
   * @throws InvalidSettingsError when a setting is wrong, InvalidSubscriberError, JournalOpenError
   * @throws ResumeError when there is no such run, or it has come to its end
   * @throws ProfileError when the steps that are to be profiled are none
   */
  constructor(definition: TrainerDefinition, options: TrainerOptions = {}) {
    const settings = parseRunSettings(settingsOf(definition))
    assertSubscribers([...standardSubscribers, ...(definition.subscribers ?? [])])
    // Before the journal is opened, which would leave an empty store behind.
    if (options.resume === undefined) assertEvaluable(settings, definition.valData !== undefined)
    const { profile, onNotice } = options
    this.#profiler = profile && new Profiler({ ...profile, onNotice })
    this.#definition = definition
    this.#options = options
    this.#store = new Store(options.store ?? definition.checkpointDir)
    this.journal = Journal.open(this.#store.journalPath, {
      events: [...trainingEvents, ...(definition.events ?? [])],
    })
    try {
      this.run = options.resume ?? freeRunName(this.journal, settings.name)
      const stream = runStream(this.run)
      const folded =
        options.resume === undefined ? initialFold(trainerMachine) : this.journal.fold(stream, trainerMachine)
      this.settings =
        options.resume === undefined ? settings : recordedSettings(this.journal, this.run, folded.snapshot)
      assertEvaluable(this.settings, definition.valData !== undefined)
      this.actor = createActor(trainerMachine, {
        id: 'trainer',
        systemId: 'trainer',
        snapshot: trainerMachine.getPersistedSnapshot(folded.snapshot),
        ...(options.inspect ? { inspect: guardInspector(options.inspect) } : {}),
      }).start()
      this.#log = new RunLog(this.journal, stream, this.actor, folded, { onNotice, track: this.#profiler?.training })
    } catch (error) {
      this.journal.close()
      throw error
    }
    const { metricsCollector = (home: MetricsHome) => new MetricsCollector(home) } = definition.parts ?? {}
    this.metrics = metricsCollector(new JournalHome(this.journal, this.#log.stream))
    this.events$ = this.#log.events$.asObservable()
    this.events$.subscribe(event => this.#emitter.emit(event))
    this.actor.on('accepted', ({ command }) => this.#accepted.add(command))
  }

  /**
   * Trains to the end: until every step is done, patience is spent, the run is stopped, or an error ends it.
   *
   * @param options `epochs` instead of those of the settings or, in a resumed run, of the attempt before
   * @returns the state that the run ended in: `completed`, `early-stopped` or `interrupted`
   * @throws RunLockedError, EnvironmentChangedError, ResumeError, ProfileError before anything is done
   * @throws whatever ended the run; the log says so in `run.failed` where it could still be written
   */
  async train({ epochs }: { epochs?: number } = {}): Promise<'completed' | 'early-stopped' | 'interrupted'> {
    if (this.#used) throw new ChronogradError('A trainer trains once; make another one with { resume } to go on.')
    this.#used = true
    guardStreams()
    try {
      const settings = epochs === undefined ? this.settings : parseRunSettings({ ...this.settings, epochs })
      const lock = new RunLock(this.#store.runFolder(this.run), this.run)
      try {
        return await this.#trainLocked(settings)
      } finally {
        lock.release()
      }
    } finally {
      this.#leaveJournal()
    }
  }

  /**
   * The model, with the weights that it has now. There is one from `run.started` on, and after training until `close`.
   *
   * @throws NotReadyError before that
   */
  get model(): DualEncoder {
    return this.#ready('model').model
  }

  /** @throws NotReadyError before `run.started` */
  get optimizer(): Optimizer {
    return this.#ready('optimizer').optimizer
  }

  /** Saves and loads by hand what this trainer saves by itself. @throws NotReadyError before `run.started` */
  get checkpoints(): CheckpointManager {
    return this.#ready('checkpoint manager').checkpoints
  }

  /** What the profile says so far, where one is taken; it stays readable after `close`. */
  get profile(): ProfileSummary | undefined {
    return this.#profiler?.summary
  }

  /** Training stands still after the current step. @throws CommandRefusedError */
  pause(): void {
    this.#command('pause')
  }

  /** A paused run trains on. @throws CommandRefusedError */
  continue(): void {
    this.#command('continue')
  }

  /** Saves a checkpoint after the current step and ends; the run can be resumed. @throws CommandRefusedError */
  stop(): void {
    this.#command('stop')
  }

  /** Measures the model after the current step. @throws CommandRefusedError */
  evaluate(): void {
    if (this.#definition.valData === undefined) {
      throw new ChronogradError('There is nothing to evaluate on; give the trainer valData.')
    }
    this.#command('evaluate')
  }

  /** Saves a checkpoint after the current step. @throws CommandRefusedError, also where that step is saved already */
  save(): void {
    this.#command('save')
  }

  /** Calls `listener` with every fact of a type. What it throws is reported and harms nothing. */
  on<Type extends TrainingEventType>(type: Type, listener: FactListener<Type>): this {
    this.#emitter.on(type, listener)
    return this
  }

  /** Calls `listener` with the next fact of a type. */
  once<Type extends TrainingEventType>(type: Type, listener: FactListener<Type>): this {
    this.#emitter.once(type, listener)
    return this
  }

  off<Type extends TrainingEventType>(type: Type, listener: FactListener<Type>): this {
    this.#emitter.off(type, listener)
    return this
  }

  /**
   * Lets go of everything that the trainer made: the model, the optimizer and, where it never trained, the journal. A
   * model that was handed in stays as it is.
   */
  close(): void {
    this.#leaveJournal()
    this.#parts?.dispose()
    this.#parts = undefined
  }

  #leaveJournal(): void {
    this.#log.close()
    this.actor.stop()
    this.journal.close()
    this.#profiler?.close()
  }

  #startProfile({ name, version, threads }: Backend): void {
    const attempt = this.#log.state.context.attempt + 1
    const ownFile = path.join(
      this.#store.runFolder(this.run),
      attempt === 1 ? 'profile.json' : `profile-attempt-${attempt}.json`,
    )
    const about = `${this.run}, ${name} ${version}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
    this.#profiler?.start(this.#options.profile?.file ?? ownFile, about)
  }

  #ready(part: string): RunParts {
    if (this.#parts === undefined) throw new NotReadyError(part)
    return this.#parts
  }

  #command(command: TrainerCommand['type']): void {
    const refusal = refusalOf(this.actor.getSnapshot(), command)
    if (refusal !== null) throw new CommandRefusedError(refusal)
    this.actor.send({ type: command })
  }

  async #trainLocked(settings: RunSettings): Promise<'completed' | 'early-stopped' | 'interrupted'> {
    const { backend: choice = 'auto', onNotice = () => {} } = this.#options
    const backend = typeof choice === 'string' ? await prepareBackend(choice) : choice
    if (backend.fallbackReason !== undefined) onNotice(backend.fallbackReason)
    const environment = currentEnvironment(backend)
    const { resume, definitionFile } = this.#options
    if (resume !== undefined) assertSameEnvironment(this.journal, this.run, environment, this.#options)
    else if (this.journal.streamVersion(this.#log.stream) === 0) await removeUnbegun(this.#store, this.run)
    this.#startProfile(backend)
    if (resume === undefined) {
      await this.#log.append([creationOf(this.run, settings, { environment, definitionFile })])
      faultPoint('run.created')
    }
    const { attempt } = this.#log.state.context
    const session = new TrainingSession({
      definition: this.#definition,
      settings,
      environment,
      options: this.#options,
      store: this.#store,
      run: this.run,
      journal: this.journal,
      log: this.#log,
      actor: this.actor,
      profiler: this.#profiler,
      accepted: this.#accepted,
      onParts: parts => {
        this.#parts = parts
        this.metrics.plannedLearningRate = parts.loop.schedule.ahead()
      },
    })
    try {
      await session.run()
      await session.settle()
    } catch (error) {
      if (await this.#recordFailure(error, attempt, session)) await session.settle()
      throw error
    } finally {
      await session.close()
    }
    const { value } = this.actor.getSnapshot()
    if (value === 'completed' || value === 'early-stopped' || value === 'interrupted') return value
    throw new ChronogradError(`The run ended in the state ${value}, which is no end; please report this.`)
  }

  /** @returns whether the log was told: not where it cannot be written, is another's by now, or was never touched */
  async #recordFailure(error: unknown, attemptBefore: number, session: TrainingSession): Promise<boolean> {
    if (error instanceof JournalWriteError || error instanceof ConcurrencyError) return false
    const { state } = this.#log
    // What keeps a run from being resumed leaves the run as it was.
    if (attemptBefore > 0 && state.context.attempt === attemptBefore) return false
    await session.rescue()
    const { name, message, stack } =
      error instanceof Error ? error : { name: 'Error', message: String(error), stack: undefined }
    await this.#log.append([
      {
        type: 'run.failed',
        data: { step: this.#log.state.context.progress.step, error: { name, message, stack: stack ?? null } },
      },
    ])
    return true
  }
}
