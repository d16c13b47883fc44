import { utf8Encode } from '../core/bytes.ts'
import { FormatError } from '../core/failure.ts'
import { writeBytes } from '../node/file-system.ts'
import { linesOf } from '../node/lines.ts'

/** A line of a file of chains: the accounts of a member, and the details of all of her events. SPEC §11. */
interface ChainLine {
  readonly accounts: readonly number[]
  readonly texts: readonly string[]
}

/**
 * Writes a file of chains, in place of one that is there: a line for each member. Holds the lines until all are there.
 *
 * @returns how many members there are. @throws UsageError `file`.
 */
export async function writeChains(file: string, chains: AsyncIterable<ChainLine>): Promise<number> {
  const lines: string[] = []
  for await (const { accounts, texts } of chains) lines.push(`${JSON.stringify({ accounts, texts })}\n`)
  await writeBytes(file, utf8Encode(lines.join('')))
  return lines.length
}

/**
 * The members of a file of chains, one after another: a line of JSON each (a name that ends in .gz is unpacked).
 *
 * @param file - untrusted. @throws FormatError `details-line`, naming file and line; UsageError `file`.
 */
export async function* readChains(file: string): AsyncGenerator<ChainLine> {
  let number = 0
  for await (const line of linesOf(file)) {
    number++
    if (line.trim() !== '') yield chainFrom(line, `${file}: line ${number}`)
  }
}

function chainFrom(line: string, where: string): ChainLine {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new FormatError('details-line', `${where}: not JSON`, { cause: error })
  }
  const { accounts, texts } = (typeof value === 'object' && value !== null ? value : {}) as Partial<ChainLine>
  const isList = (list: unknown, isOne: (one: unknown) => boolean) => Array.isArray(list) && list.every(isOne)
  const isAccount = (one: unknown) => Number.isSafeInteger(one) && Number(one) >= 0
  if (!isList(accounts, isAccount) || !isList(texts, one => typeof one === 'string'))
    throw new FormatError('details-line', `${where}: expected {"accounts": [number, …], "texts": [text, …]}`)
  return { accounts: accounts!, texts: texts! }
}
