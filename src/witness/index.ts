/**
 * WITNESS. A program of another party: it cosigns a checkpoint if the log has only grown since the last one, and
 * remembers that one. It knows notes and consistency proofs, and nothing of ledgers.
 *
 * @example
 * const witness = new Witness({ key, seed, logs, register: await Register.open('logs'), nowMs: Date.now })
 * await buildWitnessServer(witness).listen({ port: 8090 })
 */
export { Register } from './register.ts'
export { buildWitnessServer } from './server.ts'
export { Witness, type WitnessOptions, type WitnessReply } from './witness.ts'
