import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMachine } from 'xstate'
import { namedMachines } from '../../src/statecharts/named-machines.ts'
import { statechartOf } from '../../src/statecharts/statechart.ts'
import { root } from '../support/command-line.ts'
import { mainInTurn } from '../support/main-in-turn.ts'

const machines = suite('chronograd machines')

const [all, one, svg, json, allJson, allSvg, wrong] = await mainInTurn(
  [
    ['machines'],
    ['machines', 'worker'],
    ['machines', 'trainer', '--format', 'svg'],
    ['machines', 'trainer', '--format', 'json'],
    ['machines', '--format', 'json'],
    ['machines', '--format', 'svg'],
    ['machines', 'coffee'],
  ],
  { cwd: root },
)

machines('prints each machine for Mermaid, with its name', () => {
  assert.is(all?.code, 0, all?.err)
  for (const name of Object.keys(namedMachines)) assert.match(all?.out ?? '', new RegExp(`^title: ${name}$`, 'm'))
  assert.is(all?.out.split('stateDiagram-v2').length, 5)
})

machines('prints one of them', () => {
  assert.match(one?.out ?? '', /^stateDiagram-v2\n.*\n {2}\[\*\] --> worker_idle\n/)
})

machines('draws one of them', () => {
  assert.match(svg?.out ?? '', /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [\s\S]*<\/svg>\n$/)
  assert.match(svg?.out ?? '', /data-state="trainer.early-stopped"/)
})

machines('prints what createMachine takes, so that it opens in an editor of statecharts', () => {
  const { states, transitions } = statechartOf(createMachine(JSON.parse(json?.out ?? '')))
  const own = statechartOf(namedMachines.trainer)
  assert.equal(states, own.states)
  assert.equal(transitions, own.transitions)
  assert.equal(Object.keys(JSON.parse(allJson?.out ?? '')), Object.keys(namedMachines))
})

machines('says what to name where a drawing of all is asked for, and which there are', () => {
  assert.is(allSvg?.code, 2)
  assert.match(allSvg?.err ?? '', /an SVG shows one machine; name it: trainer, checkpoint, subscriber, worker/)
  assert.is(wrong?.code, 2)
  assert.match(wrong?.err ?? '', /coffee.*trainer, checkpoint, subscriber, worker/)
})

machines.run()
