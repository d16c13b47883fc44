/**
 * What a member's wallet needs, and nothing else: `tallystick/verify`. In a browser it is below 20 kB, compressed, and asks
 * for nothing but the language itself, TextEncoder and TextDecoder; a test holds both.
 */
export { type Card, parseCard } from './card.ts'
export type { Checkpoint } from './checkpoint.ts'
export { CodedError, FormatError, VerifyError } from './failure.ts'
export { type Policy, parsePolicy } from './policy.ts'
export {
  type KeptState,
  type StatementTrust,
  type VerifiedLine,
  type VerifiedStatement,
  verifyStatement,
} from './verify.ts'
