import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Hono } from 'hono'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Where the page was built, seen from the sources, from the package and from what tests run. */
const places = ['../../page', '../../dist/page', '../../../dist/page']

/** Files whose names hold a hash of what is in them. */
const unchanging = '/assets/'

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Chronograd</title>
<p>The page of the dashboard was not built: run <code>npm run build</code>, and load this again.</p></html>`

/**
 * A page and what it is made of. Only files that were there when the server started are served, each under its own
 * name, so that no path leads elsewhere.
 *
 * @param page the one that is served at `/`; the others are not
 */
export function pageFiles(page: 'index.html' | 'inspect.html' = 'index.html'): Hono {
  const folder = places.map(place => fileURLToPath(new URL(place, import.meta.url))).find(isPage)
  const app = new Hono()
  if (folder === undefined) return app.get('/', context => context.html(notBuilt, 503))
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const type = types[path.extname(name)]
    if (type === undefined || (name.endsWith('.html') && name !== page)) continue
    const content = readFileSync(path.join(folder, name))
    const address = `/${name.split(path.sep).join('/')}`
    app.get(name === page ? '/' : address, context => {
      context.header('Content-Type', type)
      if (address.startsWith(unchanging)) context.header('Cache-Control', 'private, max-age=31536000, immutable')
      return context.body(content)
    })
  }
  return app
}

function isPage(folder: string): boolean {
  return existsSync(path.join(folder, 'index.html'))
}
