import type { TrainingEvent } from '../../events/training-events.ts'
import { readCourse } from '../../history/course.ts'
import type { Journal } from '../../journal/journal.ts'
import type { SeriesMark } from '../answers.ts'
import type { SeriesRange } from './read-series.ts'

const types = ['run.resumed', 'evaluation.completed', 'checkpoint.saved', 'diagnosis.raised'] as const

/** What happened at steps of a run's course, at most one of a kind in each bucket. */
export function readMarks(journal: Journal, stream: string, { until, from, to, buckets }: SeriesRange): SeriesMark[] {
  const width = (to - from + 1) / buckets
  const taken = new Set<string>()
  const marks: SeriesMark[] = []
  for (const event of readCourse(journal, stream, { until, types })) {
    const mark = markOf(event as TrainingEvent<(typeof types)[number]>)
    const place = `${mark.kind} ${Math.floor((mark.step - from) / width)}`
    if (mark.step < from || mark.step > to || taken.has(place)) continue
    taken.add(place)
    marks.push(mark)
  }
  return marks
}

function markOf({ type, data }: TrainingEvent<(typeof types)[number]>): SeriesMark {
  const { step } = data
  switch (type) {
    case 'run.resumed':
      return { kind: 'resumed', step, label: `attempt ${data.attempt} went on` }
    case 'evaluation.completed':
      return { kind: 'evaluation', step, label: `evaluated on ${data.split}` }
    case 'checkpoint.saved':
      return { kind: 'checkpoint', step, label: data.checkpoint }
    case 'diagnosis.raised':
      return { kind: 'diagnosis', step, label: `${data.code}: ${data.advice}` }
  }
}
