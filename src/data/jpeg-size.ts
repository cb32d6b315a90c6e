/** Markers that begin a frame, which says how large the picture is; others of the same range do not. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/** The longer side of a JPEG in pixels, as its header says, or undefined where it is none. */
export function longerSideOfJpeg(bytes: Uint8Array): number | undefined {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.byteLength < 4 || file.getUint16(0) !== 0xffd8) return undefined
  for (let at = 2; at + 9 <= file.byteLength && file.getUint8(at) === 0xff; ) {
    const marker = file.getUint8(at + 1)
    if (isFrame(marker)) return Math.max(file.getUint16(at + 5), file.getUint16(at + 7))
    at += 2 + file.getUint16(at + 2)
  }
  return undefined
}
