import { type Document, readDocuments } from '../../scripts/docs/documents.ts'

/** A fenced block of a page. */
export interface CodeBlock {
  readonly file: string
  /** The line of its first line of code, from 1. */
  readonly line: number
  readonly language: string
  /** What stands after the language, such as `run`. */
  readonly attribute: string
  readonly code: string
}

/** Every fenced block of the README and the pages under docs. */
export function codeBlocks(documents: readonly Document[] = readDocuments()): CodeBlock[] {
  return documents.flatMap(({ file, text }) =>
    [...text.matchAll(/^```(\w+)(?: (\w+))?\n([\s\S]*?)^```$/gm)].map(match => ({
      file,
      line: text.slice(0, match.index).split('\n').length + 1,
      language: match[1] ?? '',
      attribute: match[2] ?? '',
      code: match[3] ?? '',
    })),
  )
}

/** A piece of TypeScript from the documentation that is complete by itself. */
export interface Snippet {
  /** A file name that says where it comes from, such as `docs-journal-12.ts`. */
  readonly name: string
  readonly code: string
  readonly runs: boolean
}

/**
 * The TypeScript of all pages: a block marked `ts` is a module to be type-checked, one marked `ts run` also a program
 * to be run, and one marked `ts continued` goes on with the program before it on its page.
 */
export function snippets(blocks: readonly CodeBlock[] = codeBlocks()): Snippet[] {
  const found: Snippet[] = []
  for (const { file, line, language, attribute, code } of blocks) {
    if (language !== 'ts') continue
    const page = file.replace(/\.md$/, '').replaceAll('/', '-')
    const before = found.at(-1)
    if (attribute === 'continued') {
      if (!before?.runs || !before.name.startsWith(`${page}-`)) {
        throw new Error(`The block at line ${line} of ${file} continues no program.`)
      }
      found[found.length - 1] = { ...before, code: before.code + code }
    } else if (attribute === '' || attribute === 'run') {
      found.push({ name: `${page}-${line}.ts`, code, runs: attribute === 'run' })
    } else {
      throw new Error(`The block at line ${line} of ${file} is marked "ts ${attribute}", which means nothing.`)
    }
  }
  return found
}
