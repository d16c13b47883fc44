import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { formatOpened, type OpenedTotals, totalsMessage } from '../../../src/verify/opened-totals.ts'
import { naivePath } from '../../core/tree/naive-tree.ts'
import type { Closed } from './books.ts'

/** What a log opens of its last seal, or what it likes to say instead, signed by it: a line, without its newline. */
export function openedLine(
  { books, entries, sealEntry, seal, checkpoint }: Closed,
  told: Partial<OpenedTotals> = {},
  seed: Uint8Array = books.log.seed,
): string {
  const opened = {
    checkpoint,
    seal: sealEntry,
    path: naivePath(entries.length - 1, entries),
    ledgerId: books.ledgerId,
    salt: books.log.saltOf(seal.epoch),
    units: books.totals,
    ...told,
  }
  return formatOpened({ signature: signEd25519(seed, totalsMessage(opened)), ...opened }).trimEnd()
}
