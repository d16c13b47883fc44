/** The first byte of an entry tells what it is (SPEC §4). */
export const ENTRY_BATCH = 0x01
export const ENTRY_TRANSACTION = 0x02
export const ENTRY_SEAL = 0x03
