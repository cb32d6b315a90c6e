import { useEffect, useMemo } from 'preact/hooks'
import type { LookAnswer } from '../../answers/look.ts'
import type { MomentAnswer } from '../../answers/run.ts'
import { runAddress } from '../data/get-answer.ts'
import { useAnswer } from '../data/use-answer.ts'
import { formatCount } from '../parts/format.ts'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { PictureRetrievals, TextRetrievals } from './retrievals.tsx'
import { SearchBox } from './search-box.tsx'
import { SimilarityMatrix } from './similarity-matrix.tsx'

/** What the model makes of pictures and texts: by the evaluation before the moment, and by a search of one's own. */
export function LookPanel({ run, moment }: { run: string; moment: MomentAnswer }) {
  // What there is to look with comes with checkpoints, not with every event.
  const { evaluation } = moment
  const version = useMemo(() => moment.version, [run, evaluation?.step, JSON.stringify(moment.context.checkpoints)])
  const { answer: look, error, again } = useAnswer<LookAnswer>(runAddress(run, `/look?version=${version}`))
  // What a command in a terminal has kept meanwhile is seen when one comes back.
  useEffect(() => {
    addEventListener('focus', again)
    return () => removeEventListener('focus', again)
  }, [again])
  const from = { run, album: look?.album ?? null }
  return (
    <Panel
      name="look"
      title="Look"
      aside={
        evaluation !== null && (
          <small>
            evaluation at step {formatCount(evaluation.step)}, {formatCount(evaluation.examples)} pictures
          </small>
        )
      }
    >
      {error !== null && <Notice kind="error">{error}</Notice>}
      {evaluation === null && (
        <Notice>No evaluation was completed by this moment; the first one brings its retrievals.</Notice>
      )}
      {evaluation !== null && look !== null && look.album === null && (
        <Notice>
          The pictures themselves are not kept beside this run. <code>npx chronograd search</code> with this run and any
          text keeps small ones.
        </Notice>
      )}
      <div class="look-grid">
        {evaluation !== null && (
          <div class="matrix-place">
            <h3>Similarity of pictures and captions</h3>
            {evaluation.similarities === undefined ? (
              <Notice>This evaluation was logged by an earlier version, which kept no similarities.</Notice>
            ) : (
              <SimilarityMatrix similarities={evaluation.similarities} from={from} />
            )}
          </div>
        )}
        {look !== null && <SearchBox {...{ look, from, version, again }} />}
        {evaluation !== null && <TextRetrievals samples={evaluation.samples} from={from} />}
        {evaluation !== null && <PictureRetrievals samples={evaluation.pictureSamples} from={from} />}
      </div>
    </Panel>
  )
}
