import { CodedError } from '../../src/core/failure.ts'

/** The code with which a call fails; undefined where it does not. @throws what is not a coded error. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    if (error instanceof CodedError) return error.code
    throw error
  }
  return undefined
}
