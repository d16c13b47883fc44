import { ClientError } from '../../client/index.ts'
import { CodedError, FormatError, VerifyError } from '../../core/failure.ts'
import { UsageError } from '../../node/failure.ts'

/** An error on its way from one thread to another, where its class is lost. */
export interface Failure {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly status?: number
  readonly stack?: string
}

/** An error, as it passes from thread to thread. */
export function failureOf(error: Error): Failure {
  const { name, message, stack } = error
  const coded = error instanceof CodedError ? { code: error.code } : {}
  const { status } = error as { status?: unknown }
  return {
    name,
    message,
    ...coded,
    ...(typeof status === 'number' ? { status } : {}),
    ...(stack === undefined ? {} : { stack }),
  }
}

/** The error that another thread met, of the class that it had there. */
export function errorFrom({ name, message, code, status, stack }: Failure): Error {
  if (code !== undefined && name === 'ClientError') return new ClientError(code, message, status ?? 0)
  if (code !== undefined && name === 'FormatError') return new FormatError(code, message)
  if (code !== undefined && name === 'VerifyError') return new VerifyError(code, message)
  if (code !== undefined && name === 'UsageError') return new UsageError(code, message)
  const error = new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}
