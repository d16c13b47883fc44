/**
 * WITNESS. Another party's program: it cosigns a checkpoint of a log that has only grown since the one before, and
 * remembers that one. Knows notes and consistency proofs, and nothing of what a ledger is.
 */
export { Register } from './register.ts'
export { buildWitnessServer } from './server.ts'
export { Witness, type WitnessOptions, type WitnessReply } from './witness.ts'
