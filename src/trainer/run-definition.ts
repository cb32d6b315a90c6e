import type { AnySource } from '../data/streamed-source.ts'
import type { EventDefinition } from '../events/define-event.ts'
import { AdamW } from '../learning/adamw.ts'
import { DualEncoder } from '../learning/dual-encoder.ts'
import { isOptimizer, type Optimizer } from '../learning/optimizer.ts'
import type { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import type { Subscriber } from '../subscribers/subscriber.ts'
import type { PartFactories } from './part-factories.ts'
import type { RunSettingsInput } from './run-settings.ts'

/** A run as a person defines it: its settings, and what cannot be written as JSON. */
export interface RunDefinition extends Omit<RunSettingsInput, 'model' | 'optimizer'> {
  /** What the model learns from. */
  readonly trainData: AnySource
  /** What it is measured on; without it there are no evaluations. */
  readonly valData?: AnySource
  /**
   * What the model is made of, or a model that is made already: it is trained as it stands, stays its owner's, and
   * needs the `tokenizer` that it was made for.
   */
  readonly model?: RunSettingsInput['model'] | DualEncoder
  /** The optimizer's settings, or, with a model that is made already, an optimizer of its parameters. */
  readonly optimizer?: RunSettingsInput['optimizer'] | Optimizer
  /** How captions become tokens; trained on the captions unless given. */
  readonly tokenizer?: Tokenizer
  /** Parts of the trainer that are made in one's own way. */
  readonly parts?: PartFactories
  /** Subscribers beside those that follow every run. */
  readonly subscribers?: readonly Subscriber[]
  /** Types of event beside those of every run, for facts that one's own subscribers append. */
  readonly events?: readonly EventDefinition[]
}

/** A run, and where it is kept. */
export interface TrainerDefinition extends RunDefinition {
  /** The store's folder, which holds the journal and every run's checkpoints; `runs` unless given here or in the options. */
  readonly checkpointDir?: string
}

/** What cannot be written as JSON, and so is no setting. */
const definitionParts = [
  'trainData',
  'valData',
  'tokenizer',
  'parts',
  'subscribers',
  'events',
  'checkpointDir',
] as const

/** What a definition hands in: its parts, and a model and an optimizer where they are made already. */
export function handedIn({ model, optimizer }: RunDefinition): readonly string[] {
  return [
    ...definitionParts,
    ...(model instanceof DualEncoder ? ['model'] : []),
    ...(isOptimizer(optimizer) ? ['optimizer'] : []),
  ]
}

/** A definition's settings alone. A model that is made already has none; an `AdamW` brings its own. */
export function settingsOf(definition: RunDefinition): RunSettingsInput {
  const { model, optimizer } = definition
  const objects = handedIn(definition)
  return {
    ...Object.fromEntries(Object.entries(definition).filter(([name]) => !objects.includes(name))),
    ...(model instanceof DualEncoder ? { model: null } : {}),
    ...(isOptimizer(optimizer) ? { optimizer: optimizer instanceof AdamW ? optimizer.config : null } : {}),
  }
}

/** What a definition may depend on. */
export interface DefinitionContext {
  /** The backend that the run will train on: `tensorflow`, `wasm` or `cpu`. */
  readonly backend: string
}

/** Makes a run when it is known what it trains on. */
export type RunFactory = (context: DefinitionContext) => RunDefinition | Promise<RunDefinition>

/**
 * Marks what a configuration file exports, so that an editor completes and checks it.
 *
 * @example
 * export default defineRun({ name: 'pets', trainData: inMemorySource('pets', samples), epochs: 20 })
 */
export function defineRun<Definition extends RunDefinition | RunFactory>(definition: Definition): Definition {
  return definition
}
