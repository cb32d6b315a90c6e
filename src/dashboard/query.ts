import type { Context } from 'hono'
import { DashboardError } from './dashboard-error.ts'

/**
 * A whole number from a request's query; undefined where it is not given.
 *
 * @throws DashboardError when it is something else
 */
export function wholeNumber(context: Context, name: string): number | undefined {
  const text = context.req.query(name)
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new DashboardError(`"${name}" must be a whole number, not ${JSON.stringify(text)}.`)
}
