import { and, assign, emit, setup } from 'xstate'
import type { TrainingFact } from '../src/events/training-events.ts'
import { checkpointDue, epochAfter, epochIsClosed, evaluationDue, stepsAreDone } from './due-work.ts'
import { judged, whyStopped } from './early-stopping.ts'
import {
  checkpointsAfterResume,
  inheritance,
  isCaptured,
  isWriting,
  namedCheckpoint,
  resumePoint,
} from './run-checkpoints.ts'
import { beginning, type TrainerCommand, type TrainerContext } from './trainer-context.ts'

/**
 * The life of one training run. Its events are the run's facts, in the order of the journal, and a person's commands.
 * A command changes no state: it is accepted with an emitted `accepted`, or refused, and the state moves when the fact
 * that follows from it is in the journal. So the state of a live run equals the fold of its log after every event.
 *
 * States that mean work (`training`, `evaluating`, `checkpointing`, `ending`) are where a worker has something to do;
 * none of it is done here. A checkpoint is written beside all that: it is captured in one moment, and what becomes of it may
 * be told in any state before the end.
 *
 * Each state lists all that it takes, also what others take, so that editors that only read the definition show it whole.
 */
export const trainerMachine = setup({
  types: {
    context: {} as TrainerContext,
    events: {} as TrainingFact | TrainerCommand,
    emitted: {} as { type: 'accepted'; command: TrainerCommand['type'] },
    tags: {} as 'working' | 'ended',
  },
  guards: {
    unnamed: ({ context }) => context.name === null,
    named: ({ context }) => context.name !== null,
    neverStarted: ({ context }) => context.attempt === 0,
    firstAttempt: ({ context, event }) =>
      event.type === 'run.started' && context.name !== null && context.attempt === 0 && event.data.attempt === 1,
    paused: ({ context }) => context.paused,
    evaluationDue: ({ context }) => evaluationDue(context),
    evaluationAskedFor: ({ context, event }) =>
      (event.type === 'evaluation.started' || event.type === 'evaluation.completed') &&
      (event.data.reason === 'requested' || evaluationDue(context)),
    checkpointDue: ({ context }) => checkpointDue(context) !== null,
    nothingLeft: ({ context }) => epochIsClosed(context) && (stepsAreDone(context) || whyStopped(context) !== null),
    here: ({ context, event }) => 'data' in event && 'step' in event.data && event.data.step === context.progress.step,
    nextStep: ({ context, event }) =>
      (event.type === 'step.completed' || event.type === 'step.skipped') &&
      event.data.step === context.progress.step + 1 &&
      event.data.epoch === context.progress.epoch &&
      event.data.epoch === epochAfter(context),
    withinNextStep: ({ context, event }) =>
      (event.type === 'parameters.observed' || event.type === 'gradients.observed') &&
      event.data.step === context.progress.step + 1 &&
      context.progress.epoch === epochAfter(context),
    nextEpoch: ({ context, event }) =>
      event.type === 'epoch.started' &&
      event.data.step === context.progress.step &&
      event.data.epoch === context.progress.epoch + 1 &&
      event.data.epoch === epochAfter(context) &&
      epochIsClosed(context),
    openEpoch: ({ context, event }) =>
      event.type === 'epoch.completed' &&
      event.data.step === context.progress.step &&
      event.data.epoch === context.progress.epoch &&
      !epochIsClosed(context),
    emergency: ({ event }) => event.type === 'checkpoint.captured' && event.data.reason === 'emergency',
    savedCheckpoint: ({ context, event }) => typeof namedCheckpoint(context, event)?.uri === 'string',
    /** Of the checkpoint in writing, wherever training has come to meanwhile. */
    ofTheOneInWriting: ({ context, event }) => {
      const record = namedCheckpoint(context, event)
      return record?.uri === null && 'data' in event && 'step' in event.data && event.data.step === record.step
    },
    noneInWriting: ({ context }) => !isWriting(context),
    notCaptured: ({ context }) => !isCaptured(context),
    resumable: ({ context, event }) =>
      event.type === 'run.resumed' &&
      context.attempt > 0 &&
      event.data.attempt === context.attempt + 1 &&
      event.data.step === resumePoint(context, event.data.checkpoint)?.step,
    stepsDone: ({ context }) => stepsAreDone(context),
    stoppedEarly: ({ context, event }) =>
      event.type === 'run.early-stopped' && event.data.reason === whyStopped(context),
  },
  actions: {
    accept: emit(({ event }) => ({ type: 'accepted', command: event.type as TrainerCommand['type'] })),
    create: assign(({ event, context }) => {
      if (event.type !== 'run.created') return context
      const { name, parent } = event.data
      return parent === null ? { name } : { name, ...inheritance(parent) }
    }),
    begin: assign(({ event, context }) =>
      event.type === 'run.started' ? { attempt: event.data.attempt, plan: event.data.plan, failure: null } : context,
    ),
    resume: assign(({ event, context }) => {
      if (event.type !== 'run.resumed') return context
      return {
        attempt: event.data.attempt,
        plan: event.data.plan,
        progress: resumePoint(context, event.data.checkpoint) ?? beginning,
        checkpoints: checkpointsAfterResume(context, event.data.step),
        paused: false,
        failure: null,
        restored: null,
      }
    }),
    openEpoch: assign(({ event, context }) =>
      event.type === 'epoch.started' ? { progress: { ...context.progress, epoch: event.data.epoch } } : context,
    ),
    closeEpoch: assign(({ event, context }) =>
      event.type === 'epoch.completed'
        ? { progress: { ...context.progress, epochsCompleted: event.data.epoch } }
        : context,
    ),
    countStep: assign(({ event, context }) => {
      if (event.type !== 'step.completed') return context
      const { step, examples } = event.data
      const { progress } = context
      return { progress: { ...progress, step, examples: progress.examples + examples, stepsSkippedInARow: 0 } }
    }),
    countSkippedStep: assign(({ event, context }) => {
      if (event.type !== 'step.skipped') return context
      const { stepsSkipped, stepsSkippedInARow, ...progress } = context.progress
      const skipped = { stepsSkipped: stepsSkipped + 1, stepsSkippedInARow: stepsSkippedInARow + 1 }
      return { progress: { ...progress, step: event.data.step, ...skipped } }
    }),
    judge: assign(({ event, context }) => {
      if (event.type !== 'evaluation.completed' || event.data.reason !== 'scheduled') return context
      return { progress: judged(context, event.data) }
    }),
    capture: assign(({ event, context }) => {
      if (event.type !== 'checkpoint.captured') return context
      const { checkpoint, step, reason } = event.data
      const progress = { ...context.progress, capturedAt: step }
      const record = { step, reason, uri: null, sha256: null, metric: null, progress }
      return { progress, checkpoints: { ...context.checkpoints, [checkpoint]: record } }
    }),
    keep: assign(({ event, context }) => {
      if (event.type !== 'checkpoint.saved') return context
      const { checkpoint, uri, sha256, metric } = event.data
      const record = context.checkpoints[checkpoint]
      if (record === undefined) return context
      const saved = { ...record, uri, sha256, metric: metric?.value ?? null }
      return { checkpoints: { ...context.checkpoints, [checkpoint]: saved } }
    }),
    forget: assign(({ event, context }) => {
      if (event.type !== 'checkpoint.failed' && event.type !== 'checkpoint.deleted') return context
      const { [event.data.checkpoint]: _, ...checkpoints } = context.checkpoints
      return { checkpoints }
    }),
    restore: assign(({ event, context }) =>
      event.type === 'weights.restored' ? { restored: event.data.checkpoint } : context,
    ),
    pause: assign({ paused: true }),
    continue: assign({ paused: false }),
    countSample: assign({ samplesSkipped: ({ context }) => context.samplesSkipped + 1 }),
    /** Takes a fact that changes nothing: a transition without an action would refuse it. */
    passOver: () => {},
    countDiagnosis: assign({ diagnoses: ({ context }) => context.diagnoses + 1 }),
    fail: assign(({ event, context }) =>
      event.type === 'run.failed' ? { failure: event.data.error.message } : context,
    ),
  },
}).createMachine({
  id: 'trainer',
  version: '4',
  initial: 'idle',
  context: {
    name: null,
    parent: null,
    attempt: 0,
    plan: null,
    progress: beginning,
    checkpoints: {},
    paused: false,
    samplesSkipped: 0,
    diagnoses: 0,
    failure: null,
    restored: null,
  },
  on: {
    'diagnosis.raised': { actions: 'countDiagnosis' },
    'checkpoint.deleted': { guard: 'savedCheckpoint', actions: 'forget' },
  },
  states: {
    idle: {
      description: 'The run exists; its data is being made ready.',
      on: {
        'run.created': { guard: 'unnamed', actions: 'create' },
        'sample.skipped': { guard: 'named', actions: 'countSample' },
        'run.started': { guard: 'firstAttempt', target: 'training', actions: 'begin' },
        'run.failed': { guard: and(['here', 'named']), target: 'failed', actions: 'fail' },
      },
    },
    training: {
      description: 'The training loop does the next step.',
      tags: 'working',
      always: [
        { guard: 'evaluationDue', target: 'evaluating' },
        { guard: 'checkpointDue', target: 'checkpointing' },
        { guard: 'paused', target: 'paused' },
        { guard: 'nothingLeft', target: 'ending' },
      ],
      on: {
        'epoch.started': { guard: 'nextEpoch', actions: 'openEpoch' },
        'parameters.observed': { guard: 'withinNextStep', actions: 'passOver' },
        'gradients.observed': { guard: 'withinNextStep', actions: 'passOver' },
        'step.completed': { guard: 'nextStep', actions: 'countStep' },
        'step.skipped': { guard: 'nextStep', actions: 'countSkippedStep' },
        'epoch.completed': { guard: 'openEpoch', actions: 'closeEpoch' },
        'evaluation.started': { guard: and(['here', 'evaluationAskedFor']), target: 'evaluating' },
        'checkpoint.captured': { guard: and(['here', 'noneInWriting']), actions: 'capture' },
        'checkpoint.saved': { guard: 'ofTheOneInWriting', actions: 'keep' },
        'checkpoint.failed': { guard: 'ofTheOneInWriting', actions: 'forget' },
        'run.paused': { guard: 'here', target: 'paused', actions: 'pause' },
        'run.interrupted': { guard: and(['here', 'noneInWriting']), target: 'interrupted' },
        'run.failed': { guard: 'here', target: 'failed', actions: 'fail' },
        'run.resumed': { guard: 'resumable', target: 'training', actions: 'resume', reenter: true },
        pause: { actions: 'accept' },
        evaluate: { actions: 'accept' },
        save: { guard: 'notCaptured', actions: 'accept' },
        stop: { actions: 'accept' },
      },
    },
    evaluating: {
      description: 'The model is measured on the held-out split.',
      tags: 'working',
      on: {
        'evaluation.started': { guard: and(['here', 'evaluationAskedFor']), target: 'evaluating' },
        'evaluation.completed': { guard: and(['here', 'evaluationAskedFor']), target: 'training', actions: 'judge' },
        // What an evaluation that throws leaves behind is saved before the run is given up.
        'checkpoint.captured': {
          guard: and(['here', 'emergency', 'noneInWriting']),
          target: 'training',
          actions: 'capture',
        },
        'checkpoint.saved': { guard: 'ofTheOneInWriting', actions: 'keep' },
        'checkpoint.failed': { guard: 'ofTheOneInWriting', actions: 'forget' },
        'run.failed': { guard: 'here', target: 'failed', actions: 'fail' },
        'run.resumed': { guard: 'resumable', target: 'training', actions: 'resume' },
        pause: { actions: 'accept' },
        save: { guard: 'notCaptured', actions: 'accept' },
        stop: { actions: 'accept' },
      },
    },
    checkpointing: {
      description: 'A checkpoint is due: its state is captured as soon as the one before it is written.',
      tags: 'working',
      on: {
        'checkpoint.captured': {
          guard: and(['here', 'checkpointDue', 'noneInWriting']),
          target: 'training',
          actions: 'capture',
        },
        'checkpoint.saved': { guard: 'ofTheOneInWriting', actions: 'keep' },
        'checkpoint.failed': { guard: 'ofTheOneInWriting', actions: 'forget' },
        'run.failed': { guard: 'here', target: 'failed', actions: 'fail' },
        'run.resumed': { guard: 'resumable', target: 'training', actions: 'resume' },
        pause: { actions: 'accept' },
        evaluate: { actions: 'accept' },
        stop: { actions: 'accept' },
      },
    },
    paused: {
      description: 'Nothing is done until the run is continued.',
      on: {
        'run.continued': { guard: 'here', target: 'training', actions: 'continue' },
        'evaluation.started': { guard: and(['here', 'evaluationAskedFor']), target: 'evaluating' },
        'checkpoint.captured': { guard: and(['here', 'noneInWriting']), actions: 'capture' },
        'checkpoint.saved': { guard: 'ofTheOneInWriting', actions: 'keep' },
        'checkpoint.failed': { guard: 'ofTheOneInWriting', actions: 'forget' },
        'run.interrupted': { guard: and(['here', 'noneInWriting']), target: 'interrupted' },
        'run.failed': { guard: 'here', target: 'failed', actions: 'fail' },
        'run.resumed': { guard: 'resumable', target: 'training', actions: 'resume' },
        continue: { actions: 'accept' },
        evaluate: { actions: 'accept' },
        save: { guard: 'notCaptured', actions: 'accept' },
        stop: { actions: 'accept' },
      },
    },
    ending: {
      description:
        'Every step is done, patience is spent or the run diverged; when no checkpoint is in writing any more, the closing fact follows.',
      tags: 'working',
      on: {
        'checkpoint.saved': { guard: 'ofTheOneInWriting', actions: 'keep' },
        'checkpoint.failed': { guard: 'ofTheOneInWriting', actions: 'forget' },
        'run.completed': { guard: and(['here', 'stepsDone', 'noneInWriting']), target: 'completed' },
        'weights.restored': { guard: and(['here', 'savedCheckpoint', 'noneInWriting']), actions: 'restore' },
        'run.early-stopped': { guard: and(['here', 'stoppedEarly', 'noneInWriting']), target: 'early-stopped' },
        'run.failed': { guard: 'here', target: 'failed', actions: 'fail' },
        'run.resumed': { guard: 'resumable', target: 'training', actions: 'resume' },
      },
    },
    interrupted: {
      description: 'Stopped on request; the run can be resumed.',
      tags: 'ended',
      on: { 'run.resumed': { guard: 'resumable', target: 'training', actions: 'resume' } },
    },
    failed: {
      description: 'An error ended the run; it can be resumed when the cause is gone.',
      tags: 'ended',
      on: {
        'run.resumed': { guard: 'resumable', target: 'training', actions: 'resume' },
        // A run that failed while its data was made ready is made ready again.
        'sample.skipped': { guard: 'neverStarted', actions: 'countSample' },
        'run.started': { guard: 'firstAttempt', target: 'training', actions: 'begin' },
        'run.failed': { guard: and(['here', 'neverStarted']), actions: 'fail' },
      },
    },
    'early-stopped': { description: 'The evaluations stopped improving, or grew worse than allowed.', tags: 'ended' },
    completed: { description: 'Every planned step is done.', tags: 'ended' },
  },
})
