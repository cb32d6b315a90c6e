/**
 * Reads a journal in every way and without pause until its input ends, then says, as JSON, how many rounds it made, how
 * many events it saw in the last, and every error and every broken promise that it met.
 */
import { setup } from 'xstate'
import { Journal } from '../../../src/journal/journal.ts'

const [file = ''] = process.argv.slice(2)
const journal = Journal.open(file, { readOnly: true, pollEvery: 1 })
const still = setup({}).createMachine({ id: 'still' })
const complaints: string[] = []
let rounds = 0
let seen = 0
let followed = 0
let open = true

journal.events$().subscribe({
  next: event => {
    followed += 1
    if (event.position !== followed) complaints.push(`position ${event.position} was followed as number ${followed}`)
  },
  error: error => complaints.push(String(error)),
})

function readEverything(): void {
  const head = journal.head
  let last = 0
  for (const event of journal.read({ until: head })) {
    if (event.position !== last + 1) complaints.push(`position ${event.position} came after ${last}`)
    last = event.position
  }
  if (last !== head) complaints.push(`the head was ${head}, but reading ended at ${last}`)
  for (const { stream, version } of journal.streams()) {
    const folded = journal.fold(stream, still, { until: version }).version
    if (folded !== version) complaints.push(`${stream} was at version ${version}, but its fold at ${folded}`)
    for (const problem of journal.verify(stream)) complaints.push(`${stream}: ${problem.message}`)
  }
  seen = last
}

function readOn(): void {
  try {
    readEverything()
  } catch (error) {
    complaints.push(String(error))
  }
  rounds += 1
  if (rounds === 1) process.stdout.write('reading\n')
  if (open) setTimeout(readOn, 1)
  else setTimeout(end, 50)
}

function end(): void {
  readEverything()
  journal.close()
  process.stdout.write(`${JSON.stringify({ rounds, seen, followed, complaints })}\n`)
}

process.stdin.resume().once('end', () => {
  open = false
})
readOn()
