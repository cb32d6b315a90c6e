import { pack } from 'tar-stream'

/** The bytes of a tar archive of these files, in this order. */
export async function tarOf(
  files: readonly (readonly [name: string, content: string | Uint8Array])[],
): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of files)
    archive.entry({ name }, typeof content === 'string' ? content : Buffer.from(content))
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}
