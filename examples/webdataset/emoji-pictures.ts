import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { ShardPicture } from './build-shards.ts'

const require = createRequire(import.meta.url)

/** What this file reads of an entry in emojibase's English data. */
interface EmojibaseEntry {
  readonly hexcode: string
  readonly label: string
  readonly tags?: readonly string[]
}

/** What this file reads of an entry in emoji-datasource's `emoji.json`. */
interface DatasourceEntry {
  readonly unified: string
  readonly image: string
  readonly has_img_google: boolean
  readonly has_img_twitter: boolean
}

/** Every emoji (without skin tones) that an artist has drawn, with its name and keywords. */
export function* emojiPictures(artist: 'google' | 'twitter'): Generator<ShardPicture, void, void> {
  const name = `emoji-datasource-${artist}`
  const drawings: readonly DatasourceEntry[] = require(`${name}/emoji.json`)
  const folder = path.join(path.dirname(require.resolve(`${name}/package.json`)), 'img', artist, '64')
  const files = new Map(
    drawings
      .filter(drawing => drawing[`has_img_${artist}`])
      .map(({ unified, image }) => [codePoints(unified), path.join(folder, image)] as const),
  )
  const entries: readonly EmojibaseEntry[] = require('emojibase-data/en/data.json')
  for (const { hexcode, label, tags = [] } of entries) {
    const file = files.get(codePoints(hexcode))
    if (file === undefined) continue
    const captions = [...new Set([[label, ...tags].join(', '), label])]
    yield { name: codePoints(hexcode), extension: 'png', bytes: readFileSync(file), captions, group: label }
  }
}

/** The packages disagree on where U+FE0F (draw this as an emoji) is written, so emoji are compared without it. */
function codePoints(hexcode: string): string {
  return hexcode.toUpperCase().replaceAll('-FE0F', '')
}
