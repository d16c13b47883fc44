import { join } from 'node:path'
import { ED25519_KEY, verifierKey } from '../core/note/note.ts'
import { keyPath, readKey } from '../files/key-files.ts'
import { checkStore, type StoreReport, saltFrom } from '../log/index.ts'
import { openLevelStore } from '../store/index.ts'
import { readSettings } from './open-ledger.ts'

export interface CheckLedgerOptions {
  readonly data: string
  readonly onProgress?: (entries: number, size: number) => void
  /** Is told what was damaged and has been mended. */
  readonly onNotice?: (what: string) => void
}

/**
 * Reads all that is in the data directory of a ledger that does not run, and derives it again: see `checkStore`.
 *
 * @throws UsageError where settings or keys cannot be used; StoreError where the store cannot be opened, as one in use.
 */
export async function checkLedger({ data, onProgress, onNotice }: CheckLedgerOptions): Promise<StoreReport> {
  const { origin } = await readSettings(join(data, 'ledger.json'))
  const [log, salt] = await Promise.all([readKey(keyPath(data, 'log')), readKey(keyPath(data, 'salt'))])
  const store = await openLevelStore(join(data, 'store'), onNotice === undefined ? {} : { onNotice })
  try {
    return await checkStore({
      store,
      logKey: verifierKey(origin, ED25519_KEY, log.publicKey),
      saltOf: epoch => saltFrom(salt.seed, epoch),
      ...(onProgress === undefined ? {} : { onProgress }),
    })
  } finally {
    await store.close()
  }
}
