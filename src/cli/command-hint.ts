import path from 'node:path'

/**
 * A command as a person can type it here: with the store where it is not the usual one, quoted where needed.
 *
 * @param run null for a command on the whole store
 */
export function commandHint(command: string, run: string | null, folder: string): string {
  const store = shortPath(folder)
  const words = [
    'npx',
    'chronograd',
    command,
    ...(run === null ? [] : [run]),
    ...(store === 'runs' ? [] : ['--store', store]),
  ]
  return words.map(quoted).join(' ')
}

/** A path from the working folder where it lies below it, and whole where it does not. */
export function shortPath(file: string): string {
  const below = path.relative(process.cwd(), path.resolve(file))
  return below === '' || below.startsWith('..') || path.isAbsolute(below) ? path.resolve(file) : below
}

function quoted(word: string): string {
  return /^[\p{L}\p{N}_./:@%+=,-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
