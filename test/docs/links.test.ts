import { existsSync } from 'node:fs'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readDocuments } from '../../scripts/docs/documents.ts'
import { anchor } from '../../scripts/docs/markdown.ts'
import { root } from '../support/command-line.ts'

const pages = new Map(readDocuments().map(({ file, text }) => [file, text.replaceAll(/^```[\s\S]*?^```$/gm, '')]))

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchor(heading ?? ''))
}

const links = suite('documentation: links')

for (const [file, text] of pages) {
  links(`${file} links to what there is`, () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [to = '', heading] = target.split('#')
      const linked = to === '' ? file : path.posix.join(path.posix.dirname(file), to)
      assert.ok(existsSync(path.join(root, linked)), `${target} is not there`)
      if (heading === undefined) continue
      assert.ok(anchorsOf(pages.get(linked) ?? '').includes(heading), `there is no heading ${target}`)
    }
  })
}

links('every page is linked to from another', () => {
  const targets = new Set(
    [...pages].flatMap(([file, text]) =>
      [...text.matchAll(/\]\(([^)\s#]+)/g)].map(([, to = '']) => path.posix.join(path.posix.dirname(file), to)),
    ),
  )
  assert.equal(
    [...pages.keys()].filter(file => file !== 'README.md' && !targets.has(file)),
    [],
  )
})

links.run()
