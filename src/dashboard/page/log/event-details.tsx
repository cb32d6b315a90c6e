import type { LogEntry } from '../../answers/logged-events.ts'

interface DetailsProperties {
  event: LogEntry
  go: (version: number) => void
  close: () => void
}

/** An event as it stands in the journal. */
export function EventDetails({ event, go, close }: DetailsProperties) {
  const { version, position, type, id, hash, meta, data, supersededBy } = event
  return (
    <div class="event-details">
      <div class="title-line">
        <h3>
          {version} · {type}
        </h3>
        <button type="button" onClick={() => go(version)}>
          Show this moment
        </button>
        <button type="button" onClick={close}>
          Close
        </button>
      </div>
      {supersededBy !== null && (
        <p>Attempt {supersededBy} went on from before this: it is no longer part of the run's course.</p>
      )}
      <dl>
        {Object.entries({ position, id, hash, ...meta }).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{String(value)}</code>
            </dd>
          </div>
        ))}
      </dl>
      <pre>{JSON.stringify(data, null, 2)}</pre>
    </div>
  )
}
