import { crc32 } from 'node:zlib'

/** A zip archive of text files, stored uncompressed; those named in `programs` may be executed. */
export function storedZip(files: Readonly<Record<string, string>>, programs: readonly string[] = []): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text)
    // What the file's own header and its entry in the directory have in common.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt32LE(crc32(content), 10)
    common.writeUInt32LE(content.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const entry = Buffer.alloc(14)
    if (programs.includes(name)) entry.writeUInt32LE(0o100755 * 2 ** 16, 6)
    entry.writeUInt32LE(offset, 10)
    parts.push(Buffer.from('PK\x03\x04'), common, Buffer.from(name), content)
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, entry, Buffer.from(name))
    offset += 30 + Buffer.byteLength(name) + content.length
  }
  const listing = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(Object.keys(files).length, 4)
  end.writeUInt16LE(Object.keys(files).length, 6)
  end.writeUInt32LE(listing.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, listing, Buffer.from('PK\x05\x06'), end])
}
