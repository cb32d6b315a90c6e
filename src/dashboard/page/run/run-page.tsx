import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { LiveEvents } from '../../answers/live.ts'
import type { MomentAnswer, RunAnswer } from '../../answers/run.ts'
import { ChartsPanel } from '../charts/charts-panel.tsx'
import type { Zoom } from '../charts/step-range.tsx'
import { CommandBar } from '../commands/command-bar.tsx'
import { isOver } from '../commands/told-facts.ts'
import { useCommands } from '../commands/use-commands.ts'
import { runAddress } from '../data/get-answer.ts'
import { useAnswer } from '../data/use-answer.ts'
import { useLive } from '../data/use-live.ts'
import { hurry, usePaced } from '../data/use-paced.ts'
import { LayersPanel } from '../layers/layers-panel.tsx'
import { LogPanel } from '../log/log-panel.tsx'
import { LookPanel } from '../look/look-panel.tsx'
import { Notice } from '../parts/notice.tsx'
import { replaceRoute } from '../use-route.ts'
import { ActorsPanel } from './actors-panel.tsx'
import { CheckpointsPanel } from './checkpoints-panel.tsx'
import { DiagnosesPanel } from './diagnoses-panel.tsx'
import { FactsPanel } from './facts-panel.tsx'
import { MachinePanel } from './machine-panel.tsx'
import { RunHead } from './run-head.tsx'
import { TimeBar } from './time-bar.tsx'

/** What changes what is known of the layers. */
const observingTypes: ReadonlySet<string> = new Set(['gradients.observed', 'parameters.observed', 'run.resumed'])

/** In milliseconds: a run that goes on is drawn so often at most. Oftener few would read it, and drawing takes from who trains. */
const livePace = 2_000

/** One run, now or at a moment of its past: every part of the page shows the same moment. */
export function RunPage({ run, at }: { run: string; at: number | null }) {
  const { answer: info, error, again } = useAnswer<RunAnswer>(runAddress(run))
  const latest = useRef({ told: 0, observed: 0 })
  const [{ told, observed }, show] = useState(latest.current)
  const follow = usePaced(async () => show(latest.current), livePace)
  const commands = useCommands(run)
  const isConnected = useLive<LiveEvents>(runAddress(run, '/live'), {
    connected: again,
    released: again,
    told: events => {
      const observing = events.findLast(({ type }) => observingTypes.has(type))
      latest.current = {
        told: events.at(-1)?.version ?? latest.current.told,
        observed: observing?.version ?? latest.current.observed,
      }
      if (isOver(events)) {
        hurry()
        show(latest.current)
      } else follow()
      commands.told(events)
      if (events.some(({ type }) => type.startsWith('run.'))) again()
    },
  })
  if (info === null) {
    return error === null ? <p class="waiting">Reading the run …</p> : <Notice kind="error">{error}</Notice>
  }
  const head = Math.max(told, info.version)
  return (
    <Moment
      {...{ run, info, head, at, isConnected }}
      observed={Math.max(observed, info.version)}
      commandBar={info.commandable && <CommandBar {...{ run, head, commands }} />}
      go={version => replaceRoute({ page: 'run', run, at: version === null ? null : clamp(version, head) })}
    />
  )
}

function clamp(version: number, head: number): number {
  return Math.min(head, Math.max(1, Math.round(version)))
}

interface MomentProperties {
  run: string
  info: RunAnswer
  /** The version of the run's last event. */
  head: number
  at: number | null
  /** A version since which nothing was observed of the layers. */
  observed: number
  isConnected: boolean
  commandBar: ComponentChildren
  go: (version: number | null) => void
}

function Moment({ run, info, head, at, observed, isConnected, commandBar, go }: MomentProperties) {
  const version = Math.min(at ?? head, head)
  const shownAt = at === null ? null : version
  const [zoom, setZoom] = useState<Zoom | null>(null)
  const { answer: moment, error } = useAnswer<MomentAnswer>(runAddress(run, `/moment?version=${version}`))
  return (
    <>
      <RunHead {...{ info, moment, isConnected, isLive: at === null }} />
      {commandBar}
      <TimeBar {...{ head, moment, go }} at={shownAt} />
      {error !== null && <Notice kind="error">{error}</Notice>}
      {moment !== null && (
        <div class="run-grid">
          <MachinePanel moment={moment} />
          <FactsPanel moment={moment} />
          <ChartsPanel {...{ run, version, zoom, setZoom }} expected={info.charts} />
          <LayersPanel
            {...{ run, zoom, setZoom }}
            isExpected={info.hasLayers}
            until={at === null ? observed : version}
          />
          <LookPanel {...{ run, moment }} />
          <ActorsPanel {...{ moment, info, head }} isLive={at === null} />
          <CheckpointsPanel moment={moment} />
          <DiagnosesPanel moment={moment} />
          <LogPanel {...{ run, version, attempts: info.attempts.length, go }} />
        </div>
      )}
    </>
  )
}
