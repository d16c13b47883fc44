export { Register } from './register.ts'
export { buildWitnessServer } from './server.ts'
export { type Verdict, Witness, type WitnessOptions } from './witness.ts'
