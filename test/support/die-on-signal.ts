/** Loaded by a program: the first thread that it starts dies when the signal SIGUSR2 comes. */

import { nextThread } from './dying-thread.ts'

nextThread().then(thread => process.once('SIGUSR2', thread.die))
