import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { benchmarkNames } from '../../bench/framework/find-benchmarks.ts'
import { makePart, readDocuments } from '../../scripts/docs/documents.ts'
import { fillParts, partNames } from '../../scripts/docs/generated-parts.ts'
import { settingMeanings } from '../../scripts/docs/setting-meanings.ts'
import { settingGroups, settingPaths } from '../../scripts/docs/settings-part.ts'
import { chronogradProgram } from '../../src/cli/main.ts'
import { namedMachines } from '../../src/statecharts/named-machines.ts'

const generated = suite('documentation: generated parts')
const pages = readDocuments()

for (const { file, text } of pages) {
  if (partNames(text).length === 0) continue
  generated(`${file} says what the code says (npm run docs brings it up to date)`, () => {
    assert.fixture(text, fillParts(text, makePart))
  })
}

generated('every machine, event, setting, command and benchmark is documented', () => {
  const wanted = [
    'event list',
    'events',
    'commands',
    'folders',
    ...Object.keys(namedMachines).map(name => `machine ${name}`),
    ...settingGroups().map(group => `settings ${group}`),
    ...chronogradProgram().commands.map(command => `command ${command.name()}`),
    ...benchmarkNames().map(name => `benchmark ${name}`),
  ]
  assert.equal(pages.flatMap(({ text }) => partNames(text)).sort(), wanted.sort())
})

generated('no setting is explained that does not exist', () => {
  const paths = new Set(settingPaths())
  assert.equal(
    Object.keys(settingMeanings).filter(path => !paths.has(path)),
    [],
  )
})

generated('a part that nothing makes is refused', () => {
  const page = '<!-- generated: weather -->\nsunny\n<!-- end -->'
  assert.throws(() => fillParts(page, makePart), /Nothing makes the generated part "weather"/)
})

generated.run()
