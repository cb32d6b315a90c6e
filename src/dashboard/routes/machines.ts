import { Hono } from 'hono'
import { placedMachines } from '../../statecharts/placed-machines.ts'
import { statechartStyle, statechartToSvg } from '../../statecharts/statechart-svg.ts'
import type { MachineAnswer } from '../answers/machine.ts'

/** The machines, drawn, and the style that they share: the page may have none in place. */
export function machinesRoute(): Hono {
  return new Hono()
    .get('/style.css', context => context.body(statechartStyle, 200, { 'Content-Type': 'text/css; charset=utf-8' }))
    .get('/:name', context => {
      const name = context.req.param('name')
      const chart = Object.entries(placedMachines).find(([known]) => known === name)?.[1]
      if (chart === undefined) return context.notFound()
      return context.json<MachineAnswer>({ chart, svg: statechartToSvg(chart, { styled: false }) })
    })
}
