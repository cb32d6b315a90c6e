/**
 * The events that may be archived: those that come with every step. Everything else tells what became of a run, is
 * little, and stays in the database.
 */
export const archivableTypes: readonly string[] = [
  'step.completed',
  'step.skipped',
  'gradients.observed',
  'parameters.observed',
]
