/**
 * The kinds of failure that core tells apart, and never mixes:
 *
 * - `AssertionError`: a bug of ours. Nothing catches it on purpose.
 * - `FormatError`: untrusted bytes do not have the shape that SPEC.md gives them.
 * - `VerifyError`: the bytes are well formed, but what they claim does not hold.
 *
 * A refused transaction is none of these: it is a status value (SPEC §8). A ledger whose state is unknown
 * stops (`FatalError` in `src/log`).
 */

/** An error with a code that stays the same for ever; the message is for people and may be reworded. */
export abstract class CodedError extends Error {
  /** Kebab-case, stable, listed in SPEC §12. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Untrusted bytes are not of the form they should have. The message says what, where, and what was expected. */
export class FormatError extends CodedError {
  override readonly name = 'FormatError'
}

/** Well-formed evidence does not prove what it claims. The message names the promise that is broken. */
export class VerifyError extends CodedError {
  override readonly name = 'VerifyError'
}

/** A bug of ours: an assumption that no input can break was broken. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/**
 * Throws `AssertionError` unless `condition` holds. For what only a bug can break, never for untrusted input.
 *
 * @throws AssertionError.
 *
 * @example
 * assert(balance >= 0, 'no account of a member is below its debt')
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/**
 * Throws `VerifyError` with `code` unless `condition` holds.
 *
 * @throws VerifyError.
 *
 * @example
 * check(equalBytes(root, sealed), 'seal-state', 'the accounts are not those of the seal')
 */
export function check(condition: boolean, code: string, what: string): asserts condition {
  if (!condition) throw new VerifyError(code, what)
}
