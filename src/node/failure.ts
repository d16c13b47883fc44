import { CodedError } from '../core/failure.ts'

/** The command line, or a file that it names, is not what it should be. */
export class UsageError extends CodedError {
  override readonly name = 'UsageError'
}
