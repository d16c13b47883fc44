import { CommanderError } from 'commander'
import { ClientError, OutcomeError } from '../src/client/index.ts'
import { CodedError, FormatError, VerifyError } from '../src/core/failure.ts'
import { UsageError } from '../src/node/failure.ts'
import { inWords } from './screen/fault-words.ts'
import { inOneLine } from './screen/screen.ts'

/** What a command's exit status says. `tally --help` lists them. */
export const EXIT = {
  /** Done, and everything holds. */
  ok: 0,
  /** A check failed, or the ledger refused a transaction. */
  refused: 1,
  /** The command line, a file or a key is not what it should be. */
  usage: 2,
  /** The ledger does not answer, or has stopped. */
  unavailable: 3,
  /** A bug of ours. */
  internal: 70,
  /** Interrupted; what was done stays done. */
  interrupted: 130,
} as const

/** The exit status for an error. */
export function exitStatus(error: unknown): number {
  if (error instanceof ClientError && error.code === 'http') return EXIT.unavailable
  if (error instanceof ClientError) return error.status === 0 || error.status >= 500 ? EXIT.unavailable : EXIT.refused
  if (error instanceof VerifyError || error instanceof OutcomeError) return EXIT.refused
  if (error instanceof FormatError || error instanceof UsageError) return EXIT.usage
  return error instanceof CodedError ? EXIT.unavailable : EXIT.internal
}

/** What is said of an error on standard error: code, message and what it means; the stack only where it is our bug. */
export function describeError(error: unknown): string {
  if (error instanceof VerifyError)
    return `tally: ${error.code}: ${inOneLine(error.message)}\n${inWords(error.code)}`.trimEnd()
  // What was read, or answered, is in the words of these: it is to begin no line of its own.
  if (error instanceof FormatError || error instanceof ClientError)
    return `tally: ${error.code}: ${inOneLine(error.message)}${behind(error)}`
  if (error instanceof CodedError) return `tally: ${error.code}: ${error.message}${behind(error)}`
  return `tally: internal error, please report it: ${error instanceof Error ? error.stack : String(error)}`
}

/**
 * An error as `--json` prints it on standard output, for every command: `code` as in the text, and where there is one
 * the log index of a transaction that was refused, and whether the same can be sent again.
 */
export function errorShown(error: unknown): object {
  if (error instanceof CommanderError)
    return { error: { code: 'usage', message: inOneLine(error.message.replace(/^error: /, '')), exit: EXIT.usage } }
  const exit = exitStatus(error)
  if (!(error instanceof CodedError)) return { error: { code: 'internal', message: 'A bug: please report it.', exit } }
  const index = error instanceof OutcomeError ? error.index : undefined
  const [message] = error.message.split('\n')
  return {
    error: {
      ...{ code: error.code, message, exit },
      ...(index === undefined ? {} : { outcome: error.code, index }),
      ...(error instanceof ClientError && error.status !== 0 ? { status: error.status } : {}),
      retryable: exit === EXIT.unavailable,
    },
  }
}

/** Why a ledger stopped: for anyone who runs it, and not for its callers. */
function behind({ code, cause }: CodedError): string {
  return code === 'ledger-stopped' && cause instanceof Error ? `\n${cause.message}` : ''
}
