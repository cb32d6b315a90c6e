import { Hono } from 'hono'
import { layOut } from '../../statecharts/layout.ts'
import { namedMachines } from '../../statecharts/named-machines.ts'
import { statechartOf } from '../../statecharts/statechart.ts'
import { statechartStyle, statechartToSvg } from '../../statecharts/statechart-svg.ts'
import type { MachineAnswer } from '../answers.ts'

/** The machines, drawn, and the style that they share: the page may have none in place. Each is laid out once. */
export function machinesRoute(): Hono {
  const drawn = new Map<string, Promise<MachineAnswer>>()
  return new Hono()
    .get('/style.css', context => context.body(statechartStyle, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
    .get('/:name', async context => {
      const name = context.req.param('name')
      const machine = Object.entries(namedMachines).find(([known]) => known === name)?.[1]
      if (machine === undefined) return context.notFound()
      const answer =
        drawn.get(name) ??
        layOut(statechartOf(machine)).then(chart => ({ chart, svg: statechartToSvg(chart, { styled: false }) }))
      drawn.set(name, answer)
      return context.json<MachineAnswer>(await answer)
    })
}
