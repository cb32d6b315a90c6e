import { type ResourceLimits, Worker } from 'node:worker_threads'

/**
 * Starts the module at `url`, given without its ending, as a worker thread: `<url>.js` where the library runs compiled,
 * `<url>.ts` where it runs from source. Node 20 hands the hooks that load TypeScript to no other thread, so a thread
 * that runs from source gets them anew.
 *
 * @example
 * startThread(new URL('./image-worker', import.meta.url), { path, size })
 */
export function startThread(url: URL, workerData: unknown, resourceLimits: ResourceLimits = {}): Worker {
  const options = { workerData, resourceLimits }
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`${url.href}.js`), options)
  const loader = import.meta.resolve('tsx/esm/api')
  const preload = `data:text/javascript,import { register } from ${JSON.stringify(loader)}; register()`
  return new Worker(new URL(`${url.href}.ts`), { ...options, execArgv: ['--import', preload] })
}
