import type { PlacedStatechart } from '../../statecharts/layout.ts'

/**
 * `GET /api/machines/:name`, and of the inspector `GET /api/inspected/charts/:sessionId`: a machine, laid out, and as a drawing
 * that takes its style from `/api/machines/style.css`.
 */
export interface MachineAnswer {
  readonly chart: PlacedStatechart
  readonly svg: string
}
