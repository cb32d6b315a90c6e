import { readFile } from 'node:fs/promises'
import { isInStore } from '../../search/kept-files.ts'
import type { Store } from '../../storage/store.ts'
import type { Picture } from './document.ts'

/**
 * The sheet that training has left in a run's folder: texts and the pictures nearest to them.
 *
 * @returns null where there is none in the store, whatever the run is called
 */
export async function retrievalsOf(store: Store, run: string): Promise<Picture | null> {
  const file = store.retrievalsPath(run)
  if (!isInStore(store, file)) return null
  return { name: 'retrievals', title: 'Texts and the pictures nearest to them', png: await readFile(file) }
}
