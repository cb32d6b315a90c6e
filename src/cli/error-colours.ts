import pc from 'picocolors'

/** Colours for standard error, which may be a file where standard output is a terminal, and the other way round. */
export const errorColours = pc.createColors(process.stderr.isTTY === true && process.stderr.hasColors())
