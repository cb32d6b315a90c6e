#!/usr/bin/env node
import { main } from './main.ts'

// Whoever reads our output may have had enough of it (`| head`): that is no error.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main(process.argv.slice(2))
