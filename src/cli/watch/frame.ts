import pc from 'picocolors'
import stringWidth from 'string-width'
import { colouredState } from '../coloured-state.ts'
import { eventLine } from '../event-line.ts'
import { fitColumns } from '../fit-columns.ts'
import { formatNumber, formatTime, plainText } from '../format.ts'
import { progressLine } from '../progress-line.ts'
import { ChartRows } from './chart-rows.ts'
import { type Section, shareRows } from './sections.ts'
import type { WatchedEvent, WatchedState, WatchedSubscriber } from './watched-state.ts'

/** What a frame must fit into. */
export interface FrameSize {
  readonly columns: number
  readonly rows: number
}

/** From so many rows on each part has a title. */
const rowsForTitles = 18

/** From so many columns on an event's date is told beside its time. */
const columnsForDates = 120

/**
 * What a person sees of a run: lines of text, never more and never wider than there is room for.
 *
 * @param hint what can be done, told at the upper right where there is room
 */
export function frame(state: WatchedState, { columns, rows }: FrameSize, hint = ''): string[] {
  const head = [
    headLine(state, columns, hint),
    state.progress === undefined ? pc.dim('It has not begun.') : progressLine(state.progress, columns),
  ]
  const extra = rows >= rowsForTitles ? 1 : 0
  const sections = sectionsOf(state, columns)
  const shares = shareRows(rows - head.length, extra, sections)
  const lines = sections.flatMap(({ title, draw }, place) => {
    const share = shares[place] ?? 0
    if (share === 0) return []
    return extra === 0 ? draw(share) : [titleLine(title, columns), ...draw(share)]
  })
  return [...head, ...lines].slice(0, rows).map(line => fitColumns(line, columns).trimEnd())
}

function headLine({ run, standing, attempt }: WatchedState, columns: number, hint: string): string {
  const attempted = attempt > 1 ? pc.dim(`  attempt ${attempt}`) : ''
  const told = `${pc.bold(plainText(run))}  ${colouredState(standing)}${attempted}`
  const room = columns - stringWidth(told) - hint.length
  return hint !== '' && room >= 2 ? `${told}${' '.repeat(room)}${pc.dim(hint)}` : told
}

function titleLine(title: string, columns: number): string {
  return pc.dim(`── ${title} ${'─'.repeat(Math.max(0, columns - title.length - 4))}`)
}

/** The most important ones first. */
function sectionsOf(state: WatchedState, columns: number): Section[] {
  const charts = new ChartRows(state.charts, state.steps, columns)
  const step = formatNumber(state.progress?.step ?? 0)
  return [
    {
      title: `measured until step ${step}`,
      rows: { least: Math.min(3, charts.lines), usual: charts.lines, most: charts.most },
      fitting: rows => charts.fitting(rows),
      draw: rows => charts.draw(rows),
    },
    linesSection('subscribers', subscriberLines(state.subscribers), line => line, [1, 3]),
    linesSection('diagnoses', latestOfEach(state.diagnoses), diagnosisLine, [1, 3]),
    linesSection('events', state.events, event => watchedEventLine(event, columns), [2, 8]),
  ]
}

/** A line for each, of which the last ones are shown where not all fit. */
function linesSection<Item>(
  title: string,
  items: readonly Item[],
  line: (item: Item) => string,
  [least, usual]: readonly [number, number],
): Section {
  const fitting = (rows: number) => Math.min(rows, items.length)
  const rows = { least: fitting(least), usual: fitting(usual), most: items.length }
  return { title, rows, fitting, draw: shown => items.slice(-shown).map(line) }
}

/** All that follow on one line; below it those that are parked, each with its error. */
function subscriberLines(subscribers: readonly WatchedSubscriber[]): string[] {
  const parked = subscribers.filter(({ error }) => error !== null)
  const following = subscribers.filter(({ error }) => error === null)
  const told = following.map(({ name, behind }) => `${plainText(name)} ${lag(behind)}`)
  return [
    ...(told.length > 0 ? [told.join('  ')] : []),
    ...parked.map(({ name, behind, error }) =>
      pc.red(`${plainText(name)} parked, ${lag(behind)}: ${plainText(error ?? '')}`),
    ),
  ]
}

/** In events, which is too long a word for a line of subscribers. */
function lag(behind: number): string {
  return behind === 0 ? pc.green('up to date') : `${formatNumber(behind)} behind`
}

/** The latest one of each fault: some are told again and again. */
function latestOfEach(diagnoses: WatchedState['diagnoses']): WatchedState['diagnoses'] {
  return diagnoses.filter(({ code }, place) => !diagnoses.slice(place + 1).some(later => later.code === code))
}

const severityColours = { error: pc.red, warning: pc.yellow, notice: pc.dim }

function diagnosisLine({ step, severity, code, advice }: WatchedState['diagnoses'][number]): string {
  const head = severityColours[severity](`${severity}: ${plainText(code)}`)
  return `step ${formatNumber(step)}  ${head}  ${plainText(advice)}`
}

function watchedEventLine({ event, superseded }: WatchedEvent, columns: number): string {
  const time = formatTime(event.at)
  return eventLine(event, superseded, columns < columnsForDates ? time.slice(-'21:04:05'.length) : time)
}
