import { createMachine } from 'xstate'
import { ChronogradError, describeError } from '../../errors/chronograd-error.ts'
import { layOut } from '../../statecharts/layout.ts'
import { statechartOf } from '../../statecharts/statechart.ts'
import { statechartToSvg } from '../../statecharts/statechart-svg.ts'
import type { MachineAnswer } from '../answers/machine.ts'

/**
 * Draws a machine from its definition as messages have it. Nothing of it is run: it has names where functions were.
 *
 * @throws ChronogradError when XState makes no machine of it
 */
export async function drawDefinition(definition: string): Promise<MachineAnswer> {
  try {
    const chart = await layOut(statechartOf(createMachine(JSON.parse(definition))))
    return { chart, svg: statechartToSvg(chart, { styled: false }) }
  } catch (error) {
    throw new ChronogradError(`The machine cannot be drawn from its definition: ${describeError(error)}`, {
      cause: error,
    })
  }
}
