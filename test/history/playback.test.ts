import { lastValueFrom, take, toArray } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { RecordedEvent } from '../../src/events/recorded-event.ts'
import { PlaybackError, playback } from '../../src/history/playback.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { checkpointDeleted, manyContinued } from '../support/facts.ts'
import { withJournal } from '../support/journals.ts'
import { upTo } from '../support/tally.ts'
import { thrownBy } from '../support/thrown.ts'

const test = suite('playback')

const stream = 'run/one'

/** Appends events that happened at these moments, in milliseconds. */
function happenedAt(journal: Journal, moments: readonly number[]): void {
  journal.append(stream, manyContinued(moments.length))
  journal.transaction(database => {
    const move = database.prepare('UPDATE events SET at = ? WHERE stream = ? AND version = ?')
    for (const [index, at] of moments.entries()) move.run(at, stream, index + 1)
  })
}

function versionsOf(events: readonly RecordedEvent[]): number[] {
  return events.map(({ version }) => version)
}

/** How many timers this process waits for. */
function timers(): number {
  return process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
}

test('tells every event that there is, once and in order, and ends', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(1_700))
    journal.append('run/other', manyContinued(5))
    const told = await lastValueFrom(playback(journal, stream, { speed: Number.POSITIVE_INFINITY }).pipe(toArray()))
    assert.equal(versionsOf(told), upTo(1_700))
    assert.ok(told.every(event => event.stream === stream))
    assert.equal(await lastValueFrom(playback(journal, 'run/none').pipe(toArray())), [])
  })
})

test('tells what was there when it began, of the versions and types that were asked for', async () => {
  await withJournal(async journal => {
    journal.append(stream, [...manyContinued(3), checkpointDeleted(4), ...manyContinued(2, 5), checkpointDeleted(7)])
    const played = (options: object) => lastValueFrom(playback(journal, stream, options).pipe(toArray()))
    const whole = playback(journal, stream, { speed: 1_000 })
    const told: number[] = []
    whole.subscribe(({ version }) => {
      if (version === 2) journal.append(stream, manyContinued(1, 8))
      told.push(version)
    })
    assert.equal(versionsOf(await played({ after: 2, until: 5 })), [3, 4, 5])
    assert.equal(versionsOf(await played({ types: ['checkpoint.deleted'] })), [4, 7])
    assert.equal(versionsOf(await played({ until: 100 })), upTo(8))
    assert.equal(told, upTo(7))
  })
})

test('the quicker one is there first, and both tell everything', async () => {
  await withJournal(async journal => {
    happenedAt(journal, [0, 2_000, 4_000, 6_000])
    const ended: string[] = []
    const play = async (name: string, speed: number) => {
      const told = await lastValueFrom(playback(journal, stream, { speed }).pipe(toArray()))
      assert.equal(versionsOf(told), upTo(4))
      ended.push(name)
    }
    await Promise.all([play('slow', 20), play('quick', 2_000)])
    assert.equal(ended, ['quick', 'slow'])
  })
})

test('waits neither for a clock that went back, nor for longer than is allowed', async () => {
  await withJournal(async journal => {
    // A century, a day back, a century.
    happenedAt(journal, [0, 3e12, 3e12 - 9e7, 6e12, 6e12])
    const told = await lastValueFrom(playback(journal, stream, { speed: 1_000, longestGap: 10_000 }).pipe(toArray()))
    assert.equal(versionsOf(told), upTo(5))
    const atOnce = await lastValueFrom(playback(journal, stream, { longestGap: 0 }).pipe(toArray()))
    assert.equal(versionsOf(atOnce), upTo(5))
  })
})

test('tells a listener that is late what it missed, and leaves nothing out', async () => {
  await withJournal(async journal => {
    happenedAt(journal, [0, 1, 2, 3, 4, 5])
    const told: number[] = []
    await new Promise<void>(resolve => {
      playback(journal, stream).subscribe({
        next: ({ version }) => {
          told.push(version)
          const until = performance.now() + 20
          while (performance.now() < until);
        },
        complete: resolve,
      })
    })
    assert.equal(told, upTo(6))
  })
})

test('has one timer, and none when nobody listens any more', async () => {
  await withJournal(async journal => {
    happenedAt(journal, [0, 10, 1e12, 2e12])
    const before = timers()
    const told: number[] = []
    const subscription = playback(journal, stream, { longestGap: Number.POSITIVE_INFINITY }).subscribe(event => {
      told.push(event.version)
      assert.ok(timers() <= before + 1)
    })
    // Longer than a timer of Node takes.
    while (told.length < 2) await new Promise(setImmediate)
    await new Promise(setImmediate)
    assert.equal(told, [1, 2])
    assert.is(timers(), before + 1)
    subscription.unsubscribe()
    assert.is(timers(), before)
    const first = await lastValueFrom(playback(journal, stream).pipe(take(2), toArray()))
    assert.equal(versionsOf(first), [1, 2])
    assert.is(timers(), before)
  })
})

test('tells its listener when the journal cannot be read any more', async () => {
  await withJournal(async journal => {
    journal.append(stream, manyContinued(1_200))
    const failure = await new Promise<unknown>(resolve => {
      playback(journal, stream, { speed: Number.POSITIVE_INFINITY }).subscribe({
        next: ({ version }) => {
          if (version === 600) {
            journal.transaction(database => database.prepare(`UPDATE events SET data = '{' WHERE version > 1000`).run())
          }
        },
        error: resolve,
      })
    })
    assert.match(String(failure), /UnreadableEventError/)
  })
})

test('a speed or a gap that makes no sense is refused', async () => {
  await withJournal(journal => {
    for (const speed of [0, -1, Number.NaN]) thrownBy(PlaybackError, () => playback(journal, stream, { speed }))
    for (const longestGap of [-1, Number.NaN]) thrownBy(PlaybackError, () => playback(journal, stream, { longestGap }))
  })
})

test.run()
