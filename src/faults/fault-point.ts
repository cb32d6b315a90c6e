/**
 * The moments of the protocol at which a death matters most, in the order in which a run comes to them. A crash test
 * makes processes die at each of them; wherever else a process dies, it is between two of these.
 */
export const faultPoints = [
  // A run begins.
  'journal.migrating',
  'run.created',
  'tokenizer.written',
  'data.prepared',
  'run.started',
  // A fork begins.
  'fork.inherited',
  // A fact becomes one.
  'append.uncommitted',
  'append.committed',
  // A step, an evaluation.
  'step.computed',
  'evaluation.begun',
  'evaluation.encoded',
  'evaluation.measured',
  // A checkpoint is made, its file by another thread; the points of a file are those of any that is written atomically.
  'checkpoint.captured',
  'checkpoint.half-written',
  'checkpoint.copied',
  'file.written',
  'file.synced',
  'file.renamed',
  'checkpoint.written',
  'checkpoint.saved',
  // Retention removes one.
  'retention.told',
  'retention.removed',
  // A subscriber handles events.
  'subscriber.uncommitted',
  'subscriber.committed',
  // A run is stopped on request, or resumed.
  'interrupt.saved',
  'resume.cleared',
  'resume.loaded',
  'resume.told',
  // A run ends.
  'run.ending',
  'run.ended',
  'state.kept',
] as const

/** The name of a moment at which a process can be made to die. */
export type FaultPoint = (typeof faultPoints)[number]

/**
 * What reaching a fault point does. `step.computed:3` kills this process, as a power cut would, when it reaches that point
 * for the third time in one of its threads; without a wish nothing is done, and nothing is counted.
 *
 * @throws RangeError where the wish names no fault point
 */
export function faultAsked(wish: string | undefined): (point: FaultPoint) => void {
  if (wish === undefined || wish === '') return () => {}
  const [, name, times = '1'] = /^(.+?)(?::([1-9]\d*))?$/.exec(wish) ?? []
  const asked = faultPoints.find(point => point === name)
  if (asked === undefined) {
    throw new RangeError(
      `CHRONOGRAD_FAULT_POINT is "${wish}", which is no fault point; give one of ${faultPoints.join(', ')}, with ":3" after it for the third time.`,
    )
  }
  let left = Number(times)
  return point => {
    if (point !== asked) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  }
}

/** Says that the process has come to a fault point. What it does is decided once, when the program starts. */
export const faultPoint = faultAsked(process.env.CHRONOGRAD_FAULT_POINT)
