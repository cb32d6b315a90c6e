import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chronogradProgram } from '../../src/cli/main.ts'
import { codeBlocks } from '../support/documentation.ts'

/** Every `chronograd …` in the shell blocks of the documentation, with the page that it stands on. */
const commandLines = codeBlocks().flatMap(({ file, language, code }) =>
  language !== 'sh'
    ? []
    : code
        .split('\n')
        .map(line => /^(?:npx )?chronograd (.*?)(?: +#.*| \|.*| > .*)?$/.exec(line.trim())?.[1])
        .flatMap(line => (line === undefined ? [] : [{ file, line }])),
)

/** The program, doing nothing: what is asked of it is read and checked, and that is all. */
function idleProgram() {
  const program = chronogradProgram()
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    if (command !== program) command.action(() => {})
  }
  return program
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? match[3] ?? '')
}

const commands = suite('documentation: command lines')

commands('there are some, of every command', () => {
  const shown = new Set(commandLines.map(({ line }) => wordsOf(line)[0]))
  for (const { name } of chronogradProgram().commands.map(command => ({ name: command.name() }))) {
    assert.ok(shown.has(name), `no page shows how "chronograd ${name}" is used`)
  }
})

for (const { file, line } of commandLines) {
  commands(`${file}: chronograd ${line}`, () => {
    idleProgram().parse(wordsOf(line), { from: 'user' })
  })
}

commands('a command line that is wrong is found', () => {
  assert.throws(() => idleProgram().parse(['show', 'emoji', '--step', '3'], { from: 'user' }))
  assert.throws(() => idleProgram().parse(['train'], { from: 'user' }))
})

commands.run()
