import { useMemo } from 'preact/hooks'
import type { SeriesAnswer, SeriesNews } from '../../answers/series.ts'
import { getAnswer, runAddress } from '../data/get-answer.ts'
import { type Asked, useAnswer } from '../data/use-answer.ts'
import { joinSeries } from './join-series.ts'

/** A stretch of a run's steps, at one of its versions; all steps unless given. */
export interface Stretch {
  readonly run: string
  readonly until: number
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** What was measured in a stretch. As the run goes on, only what has changed since is asked for. */
export function useSeries({ run, until, from, to }: Stretch): Asked<SeriesAnswer> {
  const ask = useMemo(seriesReader, [run, from, to])
  const given = Object.entries({ until, from, to }).filter(([, value]) => value !== undefined)
  const query = given.map(([name, value]) => `${name}=${value}`).join('&')
  return useAnswer<SeriesAnswer>(runAddress(run, `/series?${query}`), ask)
}

/** Asks for one stretch at one version after the other, and knows what it was told last. */
function seriesReader(): (address: string) => Promise<SeriesNews> {
  let known: SeriesNews | undefined
  return async address => {
    if (known === undefined) known = await getAnswer<SeriesNews>(address)
    else known = joinSeries(known, await getAnswer(`${address}&since=${known.version}&width=${known.width}`))
    return known
  }
}
