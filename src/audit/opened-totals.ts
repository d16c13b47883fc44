import { beginningOf, openedSince, type TallyClient, tilesOf } from '../client/index.ts'
import { equalBytes } from '../core/bytes.ts'
import { FormatError, VerifyError } from '../core/failure.ts'
import type { Policy } from '../core/note/policy.ts'
import { parseOpened, sealedDay } from '../verify/opened-totals.ts'
import type { Audit } from './audit-report.ts'
import type { Fault } from './fault.ts'

/** What an audit found of the totals that the log opened (SPEC §11). */
export interface OpenedFindings {
  /** Days whose totals are open, of those that the log has had. */
  readonly days: number
  /**
   * Days that had seals, none of which was opened: of what was replayed, without the last. Said, and convicts nobody.
   */
  readonly unopened: readonly string[]
  /** Why what is served of it says nothing, where it does. */
  readonly remarks: readonly { readonly code: string; readonly message: string }[]
  /** `totals-false`, `forked`. */
  readonly faults: readonly Fault[]
}

/**
 * Holds the totals that a log opened against the log that was audited: each is of a seal in it, and opens that. What
 * the seals commit to was compared with the entries by the replay.
 *
 * @param client - untrusted, but for tiles that the audit compared.
 * @throws ClientError where nobody answers.
 */
export async function openedTotalsOf(
  { checkpoint, sealTimes, report }: Pick<Audit, 'checkpoint' | 'sealTimes' | 'report'>,
  client: Pick<TallyClient, 'totals' | 'tile'>,
  policy: Policy,
): Promise<OpenedFindings> {
  const opened = new Set<number>()
  const faults: Fault[] = []
  const remarks: { code: string; message: string }[] = []
  try {
    for await (const { line, checkpoint: tree, seal, isTrue } of openedSince(client, 0, policy)) {
      if (!isTrue) faults.push({ code: 'totals-false', message: falseTotals(seal.epoch), opened: line })
      opened.add(sealedDay(seal))
      // What an earlier audit came to was compared by that one; of what came since this was fetched, nothing is known.
      if (tree.size <= report.entriesBefore || tree.size > checkpoint.size) continue
      const { root } = await beginningOf(tree.size, checkpoint, tilesOf(client))
      if (equalBytes(root, tree.root)) continue
      const words = `the first ${tree.size} entries are not those under which totals were opened`
      const { checkpoint: earlier } = parseOpened(line)
      faults.push(
        tree.origin === checkpoint.origin
          ? { code: 'forked', message: `${words}: the log has two histories`, earlier }
          : { code: 'continued-dropped', message: `${words} as "${tree.origin}": that was dropped since`, earlier },
      )
    }
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof VerifyError)) throw error
    remarks.push({ code: error.code, message: `the totals that were opened do not hold: ${error.message}` })
  }
  const days = [...sealTimes.days].sort((a, b) => a - b).slice(0, -1)
  const unopened = days.filter(day => !opened.has(day)).map(dateOf)
  return { days: opened.size, unopened, remarks, faults }
}

function falseTotals(epoch: number): string {
  return `the totals that the log signed for seal ${epoch} are not those that this seal commits to`
}

/** A day as people write it. */
function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10)
}
