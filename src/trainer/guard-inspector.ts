import { type ActorOptions, type AnyActorLogic, type InspectionEvent, toObserver } from 'xstate'
import { reportListenerError } from './fact-emitter.ts'

type Inspector = NonNullable<ActorOptions<AnyActorLogic>['inspect']>

/** The inspector, with what it throws reported: XState calls it in the midst of a transition and would pass that on. */
export function guardInspector(inspect: Inspector): (event: InspectionEvent) => void {
  const observer = toObserver(inspect)
  return event => {
    try {
      observer.next?.(event)
    } catch (error) {
      reportListenerError('The inspector', error)
    }
  }
}
