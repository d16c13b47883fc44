import { join } from 'node:path'
import { z } from 'zod'
import { fromHex, toHex, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, readBytes, writeNew } from '../node/file-system.ts'

/** Where a command keeps what it sends under a name, so that the same goes out again. */
export function oncePath(data: string, name: string, ending = 'json'): string {
  return join(data, 'once', `${toHex(engine().sha256(utf8Encode(name)).subarray(0, 16))}.${ending}`)
}

const keptSchema = z.strictObject({
  format: z.literal('tallystick/once/v1'),
  name: z.string(),
  asked: z.string(),
  entries: z.array(z.string()),
})
/** What a command sends under a name. */
export type KeptSending = z.infer<typeof keptSchema>

/** What was sent under a name; undefined where nothing was. @throws UsageError `once`. */
export async function keptUnder(data: string, name: string): Promise<KeptSending | undefined> {
  const path = oncePath(data, name)
  if (!(await fileExists(path))) return undefined
  try {
    return keptSchema.parse(JSON.parse(utf8Decode(await readBytes(path))))
  } catch (error) {
    throw new UsageError('once', `${path} does not hold what was sent under "${name}": ${(error as Error).message}`)
  }
}

/** Keeps what is sent under a name. @returns what is there: of two that keep it at once, that of the first. */
export async function keepUnder(
  data: string,
  name: string,
  asked: string,
  transactions: readonly Transaction[],
): Promise<KeptSending> {
  const entries = transactions.map(one => toHex(encodeTransaction(one)))
  const kept: KeptSending = { format: 'tallystick/once/v1', name, asked, entries }
  const isFirst = await writeNew(oncePath(data, name), `${JSON.stringify(kept, undefined, 2)}\n`, 0o600)
  return isFirst ? kept : (await keptUnder(data, name))!
}

/** The transactions of what was kept. @throws FormatError where they are none. */
export function transactionsOf({ entries }: KeptSending): Transaction[] {
  return entries.map(hex => decodeTransaction(fromHex(hex)))
}

/** Where it stands that a command got no answer to what it sent, under which name: the same again is asked about. */
export function lostPath(data: string, asked: string): string {
  return oncePath(data, asked, 'lost')
}
