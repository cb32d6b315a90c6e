import { isSample, type ShardEntry } from './streamed-source.ts'

const maximumCaptionLength = 2 ** 20

/** A shard's entry as it is, or, where its texts cannot be used, what is wrong with them. Nothing in data is trusted. */
export function checkEntry(entry: ShardEntry): ShardEntry {
  if (!isSample(entry)) return entry
  const { key, captions } = entry
  if (captions.length === 0) return { key, reason: 'It has no caption.' }
  if (!captions.every(caption => typeof caption === 'string' && caption.trim() !== '')) {
    return { key, reason: 'It has an empty caption.' }
  }
  const length = captions.reduce((sum, caption) => sum + caption.length, 0)
  if (length <= maximumCaptionLength) return entry
  return { key, reason: `Its captions have ${length} characters, more than the ${maximumCaptionLength} that are read.` }
}
