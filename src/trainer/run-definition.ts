import type { Source } from '../data/source.ts'
import type { EventDefinition } from '../events/define-event.ts'
import type { Tokenizer } from '../learning/tokenizer/tokenizer.ts'
import type { Subscriber } from '../subscribers/subscriber.ts'
import type { RunSettingsInput } from './run-settings.ts'

/** A run as a person defines it: its settings, and what cannot be written as JSON. */
export interface RunDefinition extends RunSettingsInput {
  /** What the model learns from. */
  readonly trainData: Source
  /** What it is measured on; without it there are no evaluations. */
  readonly valData?: Source
  /** How captions become tokens; trained on the captions unless given. */
  readonly tokenizer?: Tokenizer
  /** Subscribers beside metrics, checkpoints and diagnostics. */
  readonly subscribers?: readonly Subscriber[]
  /** Types of event beside those of every run, for facts that one's own subscribers append. */
  readonly events?: readonly EventDefinition[]
}

/** What a definition has that is no setting: it cannot be written as JSON. */
export const definitionParts = ['trainData', 'valData', 'tokenizer', 'subscribers', 'events'] as const

/** A definition's settings alone. */
export function settingsOf(definition: RunDefinition): RunSettingsInput {
  const parts: readonly string[] = definitionParts
  return Object.fromEntries(Object.entries(definition).filter(([name]) => !parts.includes(name)))
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
