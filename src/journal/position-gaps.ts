import type Database from 'better-sqlite3'

/** A range of positions, both ends included, that hold no event any more. */
export interface PositionGap {
  readonly first: number
  readonly last: number
}

/**
 * Positions are given without gaps and never again, so where one is missing an event was removed. This also finds what
 * was cut off at the end of a stream, or of the whole journal. What was archived is not missing.
 */
export function positionGaps(database: Database.Database): PositionGap[] {
  return database
    .prepare<[], PositionGap>(
      `SELECT before + 1 AS first, first - 1 AS last
       FROM (
         SELECT first, lag(last, 1, 0) OVER (ORDER BY first) AS before
         FROM (
           SELECT position AS first, position AS last FROM events
           UNION ALL
           SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]')
           FROM archived_chunks, json_each(archived_chunks.positions)
           UNION ALL
           SELECT seq + 1, seq + 1 FROM sqlite_sequence WHERE name = 'events'
         )
       )
       WHERE first > before + 1`,
    )
    .all()
}
