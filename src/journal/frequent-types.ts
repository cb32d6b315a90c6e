/**
 * The events that come with every step, and are nearly all of a journal. They may be archived; everything else tells what
 * became of a run, is little, and is found by its type.
 *
 * The list is a part of a migration: it never changes, for another one would need other indices.
 */
export const frequentTypes: readonly string[] = [
  'step.completed',
  'step.skipped',
  'gradients.observed',
  'parameters.observed',
]

/**
 * Tells the other events in SQL: the condition of the indices over them, which SQLite takes only where a query has the
 * very same one. Comparisons, because of `NOT IN` SQLite makes a table anew for every event that is inserted.
 */
export const isRare = frequentTypes.map(type => `type <> '${type}'`).join(' AND ')
