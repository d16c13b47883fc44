import { beginningOf, ClientError, type TallyClient, type TileSource } from '../client/index.ts'
import { equalBytes, utf8Decode } from '../core/bytes.ts'
import { FormatError, VerifyError } from '../core/failure.ts'
import type { Policy } from '../core/note/policy.ts'
import { openSigned, type SignedCheckpoint, type SignedNote } from '../core/note/signed.ts'
import type { AcceptedCheckpoint } from '../files/accepted-checkpoint.ts'
import type { Trouble } from './watcher.ts'

export interface WentOnOptions {
  readonly client: Pick<TallyClient, 'checkpoint'>
  readonly tileAt: TileSource
  /** Of the log that is served. */
  readonly policy: Policy
  /** What was accepted last of the other logs of the same ledger. */
  readonly others: readonly AcceptedCheckpoint[]
}

/**
 * What is wrong where one of several logs of a ledger is served: that it does not begin with what was accepted of
 * another, or does not show that it does. Entries were dropped then when the ledger went on, or a log that has ended is
 * shown as if it had not.
 *
 * @returns undefined where that is not known yet: the log does not answer, or not with a checkpoint that it signed.
 */
export async function wentOn({ client, tileAt, policy, others }: WentOnOptions): Promise<Trouble[] | undefined> {
  const tree = await signedBy(client, policy)
  if (tree === undefined) return undefined
  const found: Trouble[] = []
  for (const { checkpoint: before, note } of others) {
    const trouble = (code: string, message: string): Trouble => ({
      code,
      message,
      subject: before.origin,
      evidence: { checkpoint: utf8Decode(tree.note), earlier: utf8Decode(note) },
    })
    const what = `the ${before.size} entries of "${before.origin}" that were accepted before`
    try {
      if (await beginsWith(tree, before, tileAt)) continue
      const said =
        `"${tree.origin}" is served, and its ${tree.size} entries do not begin with ${what}: entries were dropped, ` +
        'or a log is shown that has ended'
      found.push(trouble('continued-dropped', said))
    } catch (error) {
      if (error instanceof VerifyError) found.push(trouble(error.code, error.message))
      else if (!(error instanceof ClientError)) throw error
      else if ((await signedBy(client, policy)) === undefined) return undefined
      else found.push(trouble('withheld', `what shows that "${tree.origin}" begins with ${what} is not served`))
    }
  }
  return found
}

/** What the log signed of what it serves; undefined where it does not answer so. */
async function signedBy(client: WentOnOptions['client'], policy: Policy): Promise<SignedNote | undefined> {
  try {
    return openSigned(await client.checkpoint(), policy)
  } catch (error) {
    if (error instanceof ClientError || error instanceof FormatError || error instanceof VerifyError) return undefined
    throw error
  }
}

async function beginsWith(tree: SignedCheckpoint, before: SignedCheckpoint, tileAt: TileSource): Promise<boolean> {
  if (before.size > tree.size) return false
  return equalBytes((await beginningOf(before.size, tree, tileAt)).root, before.root)
}
