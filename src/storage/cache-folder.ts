import envPaths from 'env-paths'

/**
 * The folder for everything that can be made again: decoded pictures, a TensorFlow that was set up. `CHRONOGRAD_CACHE`,
 * or the operating system's place for caches.
 */
export function cacheFolder(): string {
  return process.env.CHRONOGRAD_CACHE || envPaths('chronograd', { suffix: '' }).cache
}
