import { FormatError, VerifyError } from '../core/failure.ts'

/**
 * A document, an expression, an event or details that are not what they should be: a code of docs/programmes.md §12,
 * and where, as a JSON pointer (RFC 6901).
 */
export class PointerError extends FormatError {
  /** Empty for the whole. */
  readonly pointer: string

  constructor(code: string, pointer: string, what: string) {
    super(code, pointer === '' ? what : `${pointer}: ${what}`)
    this.pointer = pointer
  }
}

/** Details that do not give what they say. The message begins with the pointer to what is not so. */
export function wrongReward(pointer: string, what: string): VerifyError {
  return new VerifyError('reward', `${pointer}: ${what}`)
}

/** A pointer one step further down. RFC 6901 §3. */
export function below(pointer: string, step: string | number): string {
  return `${pointer}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
