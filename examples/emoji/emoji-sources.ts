import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** What this file reads of an entry in emojibase's English data. */
interface EmojibaseEntry {
  readonly hexcode: string
  readonly label: string
  readonly tags: readonly string[]
}

/** What this file reads of an entry in emoji-datasource's `emoji.json`. */
interface DatasourceEntry {
  readonly unified: string
  readonly image: string
  readonly has_img_google: boolean
  readonly has_img_twitter: boolean
}

/** What this file reads of an entry in OpenMoji's data. */
interface OpenmojiEntry {
  readonly hexcode: string
}

const require = createRequire(import.meta.url)

/**
 * The example's two sources: every emoji (without skin tones) that Noto, OpenMoji and Twemoji all draw. A model
 * trains on the drawings of Noto and OpenMoji (3,822 samples) and is tested on those of Twemoji (1,911 samples), whose
 * style it has never seen. The drawings of one emoji are one group: right answers to each other.
 *
 * The first caption, which evaluation asks with, is the name followed by the keywords.
 *
 * @example
 * const { train, test } = emojiSources()
 * test.sample(0).captions[0] // 'grinning face, cheerful, cheery, face, grin, …'
 */
export function emojiSources() {
  const entries: readonly EmojibaseEntry[] = require('emojibase-data/en/data.json')
  const noto = drawings('emoji-datasource-google', 'google', entry => entry.has_img_google)
  const twemoji = drawings('emoji-datasource-twitter', 'twitter', entry => entry.has_img_twitter)
  const openmoji = openmojiDrawings()

  const train = []
  const test = []
  for (const { hexcode, label, tags } of entries) {
    const group = withoutVariationSelectors(hexcode)
    const [notoImage, openmojiImage, twemojiImage] = [noto.get(group), openmoji.get(group), twemoji.get(group)]
    if (notoImage === undefined || openmojiImage === undefined || twemojiImage === undefined) continue
    const captions = captionsOf(label, tags)
    train.push({ key: `noto/${group}`, image: notoImage, captions, group })
    train.push({ key: `openmoji/${group}`, image: openmojiImage, captions, group })
    test.push({ key: `twemoji/${group}`, image: twemojiImage, captions, group })
  }
  return { train: sourceOf('emoji-train', train), test: sourceOf('emoji-test', test) }
}

/**
 * The texts of one emoji: the name with all keywords, the name alone, and the name with either half of the keywords.
 * Training draws one of them each epoch, so that no single word can be leaned on; an evaluation asks with all.
 */
function captionsOf(name: string, keywords: readonly string[]): string[] {
  const even = keywords.filter((_, index) => index % 2 === 0)
  const odd = keywords.filter((_, index) => index % 2 === 1)
  const captions = [keywords, [], even, odd].map(chosen => [name, ...chosen].join(', '))
  return [...new Set(captions)]
}

function sourceOf<Sample>(name: string, samples: readonly Sample[]) {
  return {
    name,
    length: samples.length,
    sample(index: number): Sample {
      const sample = samples[index]
      if (sample === undefined) throw new RangeError(`${name} has ${samples.length} samples, none at index ${index}.`)
      return sample
    },
  }
}

/** From an emoji's code points to the PNG that emoji-datasource has of it. */
function drawings(name: string, artist: string, isDrawn: (entry: DatasourceEntry) => boolean): Map<string, string> {
  const entries: readonly DatasourceEntry[] = require(`${name}/emoji.json`)
  const folder = join(packageFolder(name), 'img', artist, '64')
  return new Map(
    entries
      .filter(isDrawn)
      .map(({ unified, image }) => [withoutVariationSelectors(unified), join(folder, image)] as const),
  )
}

/** From an emoji's code points to the SVG that OpenMoji has of it. */
function openmojiDrawings(): Map<string, string> {
  const entries: readonly OpenmojiEntry[] = require('openmoji/data/openmoji.json')
  const folder = join(packageFolder('openmoji'), 'color', 'svg')
  return new Map(
    entries.map(({ hexcode }) => [withoutVariationSelectors(hexcode), join(folder, `${hexcode}.svg`)] as const),
  )
}

function packageFolder(name: string): string {
  return dirname(require.resolve(`${name}/package.json`))
}

/** The packages disagree on where U+FE0F (draw this as an emoji) is written, so emoji are compared without it. */
function withoutVariationSelectors(hexcode: string): string {
  return hexcode.toUpperCase().replaceAll('-FE0F', '')
}
