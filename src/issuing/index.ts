/**
 * ISSUER. Events and files in, signed batches out: a library, no server. Ids are derived from each event, so that a
 * file that is sent again pays nobody twice.
 */
export { type ImportOptions, type ImportReport, importTaobao } from './behaviour-file.ts'
export { Derivation } from './derivation.ts'
export { importRetail, type RetailOptions, type RetailReport } from './invoice-file.ts'
