import type { TallyClient } from '../client/index.ts'
import { FormatError } from '../core/failure.ts'
import { UsageError } from '../node/failure.ts'
import { type Programme, parseProgramme } from '../programmes/index.ts'

/** A version of a programme that was published on the log. */
export interface PublishedProgramme {
  readonly programme: Programme
  /** Of its `publish-rule`. */
  readonly record: number
  /** Whether it was revoked: nothing is given by it any more. */
  readonly isRevoked: boolean
}

/** The unit that points are given in, and the budget that they are given from. */
export interface UnitPlace {
  /** Record of the unit. */
  readonly unit: number
  readonly budget: number
}

/**
 * The versions of a programme that a ledger published, by the time from which they hold.
 *
 * @throws UsageError `programme-unpublished` where none stands; ClientError.
 */
export async function publishedVersions(client: TallyClient, name: string): Promise<readonly PublishedProgramme[]> {
  const found: PublishedProgramme[] = []
  for (const { number: record, transaction, until } of await client.registry()) {
    if (transaction.kind !== 'publish-rule' || !transaction.name.startsWith(`${name}-v`)) continue
    const text = await client.ruleText(transaction.digest)
    const programme = text === undefined ? undefined : programmeOf(text)
    if (programme?.name === name && !found.some(one => one.programme.digest === programme.digest))
      found.push({ programme, record, isRevoked: until > 0 })
  }
  if (found.every(({ isRevoked }) => isRevoked))
    throw new UsageError(
      'programme-unpublished',
      `The ledger has no programme "${name}" that stands: tally programme publish, and then wait for the notice.`,
    )
  return found.sort((a, b) => a.programme.fromMs - b.programme.fromMs || a.programme.version - b.programme.version)
}

/** A rule can be any text: one that is no document is undefined. */
function programmeOf(text: Uint8Array): Programme | undefined {
  try {
    return parseProgramme(text)
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

/** The version that an event of a time belongs to: of those that stand the last that held then, or the first. */
export function versionAt(versions: readonly PublishedProgramme[], timeMs: number): PublishedProgramme {
  const standing = versions.filter(({ isRevoked }) => !isRevoked)
  return standing.findLast(({ programme }) => programme.fromMs <= timeMs) ?? standing[0] ?? versions[0]!
}
