import type Database from 'better-sqlite3'

/** A range of positions, both ends included, that hold no event any more. */
export interface PositionGap {
  readonly first: number
  readonly last: number
}

/**
 * Positions are given without gaps and never again, so where one is missing an event was removed. This also finds what
 * was cut off at the end of a stream, or of the whole journal.
 */
export function positionGaps(database: Database.Database): PositionGap[] {
  return database
    .prepare<[], PositionGap>(
      `SELECT before + 1 AS first, position - 1 AS last
       FROM (
         SELECT position, lag(position, 1, 0) OVER (ORDER BY position) AS before
         FROM (
           SELECT position FROM events
           UNION ALL
           SELECT seq + 1 FROM sqlite_sequence WHERE name = 'events'
         )
       )
       WHERE position > before + 1`,
    )
    .all()
}
