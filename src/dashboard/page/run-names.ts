/** Names of runs as one value of an address: commas stand between them, and those within a name are encoded. */
export function writeNames(names: readonly string[]): string {
  return names.map(encodeURIComponent).join(',')
}

/** The names that a query's parameter has, each once. What is no address of ours has none. */
export function readNames(query: string, parameter: string): string[] {
  // A query's usual reader would decode the commas within the names, too.
  const value = query.split('&').find(each => each.startsWith(`${parameter}=`))
  const names = value?.slice(parameter.length + 1).split(',') ?? []
  try {
    return [...new Set(names.map(decodeURIComponent).filter(name => name !== ''))]
  } catch {
    return []
  }
}
