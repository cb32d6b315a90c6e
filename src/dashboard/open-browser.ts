import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** What each system opens an address with. No shell reads it. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...words: string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Opens an address in the browser that the system has for it, and tells why where that was not possible. */
export function openBrowser(address: string, failed: (reason: string) => void): void {
  const [program, ...words] = openers[process.platform] ?? ['xdg-open']
  const opener = spawn(program, [...words, address], { detached: true, stdio: 'ignore' })
  opener.unref()
  once(opener, 'exit').then(
    ([code]) => code !== 0 && failed(`${program} ended with ${code}`),
    (error: Error) => failed(error.message),
  )
}
