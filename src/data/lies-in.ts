import { isAbsolute, relative, sep } from 'node:path'

/** Whether `path` is `folder` or lies somewhere below it; both are absolute. */
export function liesIn(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
