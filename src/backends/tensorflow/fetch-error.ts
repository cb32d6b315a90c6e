import { CommandError } from './run-command.ts'
import { TensorflowSetupError } from './setup-error.ts'

/** The error of a tool that should have fetched something, in one sentence; any other error as it is. */
export function fetchError(what: string, tool: string, error: unknown): unknown {
  if (!(error instanceof CommandError)) return error
  const reason = isMissing(error)
    ? `${tool} is not installed; install it and set up again`
    : isOffline(error)
      ? 'there is no connection to it; connect and set up again'
      : error.message
  return new TensorflowSetupError(`${what}: ${reason.replace(/\.$/, '')}.`, { cause: error })
}

/** Whether the tool is not there, or not whole. */
export function isMissing({ missing, output }: CommandError): boolean {
  return missing || /No module named pip/.test(output)
}

/** Whether the tool could not reach where it fetches from. */
export function isOffline({ output }: CommandError): boolean {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|NewConnectionError|Temporary failure in name/.test(output)
}
