import { EventEmitter } from 'eventemitter3'
import { config } from 'rxjs'
import { describeError } from '../errors/chronograd-error.ts'
import type { TrainingEvent, TrainingEventType } from '../events/training-events.ts'

/** Is told of one type of fact. Whatever it throws is reported and harms nothing. */
export type FactListener<Type extends TrainingEventType> = (event: TrainingEvent<Type>) => unknown

/** Tells listeners of facts, each listener guarded from the others and training from all of them. */
export class FactEmitter {
  readonly #emitter = new EventEmitter()
  readonly #guarded = new WeakMap<object, (event: TrainingEvent) => void>()

  on<Type extends TrainingEventType>(type: Type, listener: FactListener<Type>): void {
    this.#emitter.on(type, this.#guard(listener))
  }

  once<Type extends TrainingEventType>(type: Type, listener: FactListener<Type>): void {
    this.#emitter.once(type, this.#guard(listener))
  }

  off<Type extends TrainingEventType>(type: Type, listener: FactListener<Type>): void {
    const guarded = this.#guarded.get(listener)
    if (guarded !== undefined) this.#emitter.off(type, guarded)
  }

  emit(event: TrainingEvent): void {
    this.#emitter.emit(event.type, event)
  }

  #guard<Type extends TrainingEventType>(listener: FactListener<Type>): (event: TrainingEvent) => void {
    const known = this.#guarded.get(listener)
    if (known !== undefined) return known
    const guarded = (event: TrainingEvent) => {
      const report = (error: unknown) => reportListenerError(`A listener of ${event.type}`, error)
      try {
        const returned = listener(event as TrainingEvent<Type>)
        if (returned instanceof Promise) returned.catch(report)
      } catch (error) {
        report(error)
      }
    }
    this.#guarded.set(listener, guarded)
    return guarded
  }
}

/** Reports what a listener threw as a process warning, which Node prints and `process.on('warning')` catches. */
export function reportListenerError(who: string, error: unknown): void {
  const detail = error instanceof Error && error.stack !== undefined ? { detail: error.stack } : {}
  process.emitWarning(`${who} threw: ${describeError(error)}. Training goes on.`, {
    type: 'ListenerWarning',
    ...detail,
  })
}

/**
 * RxJS throws what a subscriber throws from a timer, which would end the process and the training with it. Unless the
 * application has said what is to become of such errors, they are reported like those of other listeners.
 */
export function guardStreams(): void {
  config.onUnhandledError ??= error => reportListenerError('A subscriber of events$', error)
}
