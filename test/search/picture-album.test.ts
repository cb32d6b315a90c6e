import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import sharp from 'sharp'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keepPictures } from '../../src/search/keep-pictures.ts'
import { PictureAlbum, pictureFrom } from '../../src/search/picture-album.ts'
import { plainPicture, tinySamples } from '../support/pictures.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'

const test = suite('the album of small pictures')

const inAlbum = (work: (file: string) => Promise<void>) =>
  inTemporaryFolder(folder => work(path.join(folder, 'below', 'album.sqlite')))

test('holds a small picture of each sample, made once, and none of what cannot be decoded', () =>
  inAlbum(async file => {
    const broken = { key: 'broken', captions: ['nothing'], image: Buffer.from('no picture') }
    const tall = { key: "it's / “tall”", captions: ['tall'], image: plainPicture(10, 40, [250, 0, 0]) }
    await keepPictures(file, [...tinySamples(3), broken, tall])
    const { width, height, format } = await sharp(pictureFrom(file, tall.key)).metadata()
    assert.equal([width, height, format], [96, 96, 'webp'])
    assert.is(pictureFrom(file, 'broken'), undefined)
    assert.is(pictureFrom(file, 'unknown'), undefined)

    const asked: number[] = []
    const more = tinySamples(5)
    await keepPictures(file, more, ({ total }) => asked.push(total))
    assert.equal(asked, [2])
  }))

test('is begun anew where its file is damaged or something else', () =>
  inAlbum(async file => {
    const [sample] = tinySamples(1)
    if (sample === undefined) throw new Error('unreachable')
    await keepPictures(file, [sample])
    const whole = readFileSync(file)
    for (const damaged of [
      Buffer.from('no database, whatever it is called'),
      Buffer.from(whole).fill(255, 100, 4096),
    ]) {
      writeFileSync(file, damaged)
      assert.is(pictureFrom(file, sample.key), undefined)
      await keepPictures(file, [sample])
      assert.instance(pictureFrom(file, sample.key), Uint8Array)
    }
  }))

test('gives nothing that is no WebP, and computes nothing that somebody has put in place of its table', () =>
  inAlbum(async file => {
    const album = PictureAlbum.open(file)
    album.add([['page', Buffer.from('<html><script>alert(1)</script></html>')]])
    album.close()
    assert.is(pictureFrom(file, 'page'), undefined)

    const database = new Database(file)
    database.exec(`DROP TABLE pictures; CREATE VIEW pictures AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
      SELECT 'x' AS key, i AS webp FROM n`)
    database.close()
    assert.is(pictureFrom(file, 'y'), undefined)
  }))

test.run()
