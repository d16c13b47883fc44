import type { TallyClient } from '../../client/index.ts'
import { fromBase64, toBase64 } from '../../core/bytes.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { FormatError, VerifyError } from '../../core/failure.ts'
import type { Policy } from '../../core/note/policy.ts'
import { readDetails } from '../../files/details-file.ts'
import { brokenPromise } from '../../verify/evidence/broken-promise.ts'
import { checkpointShown, convict } from '../../verify/evidence/convict.ts'
import { needsDetails } from '../../verify/evidence/convict-log.ts'
import type { Conviction } from '../../verify/evidence/conviction.ts'
import type { EvidenceFile, ShownSalt } from '../../verify/evidence/evidence-file.ts'
import type { OnStage } from '../progress.ts'
import { BundleFolder } from '../read/bundle-folder.ts'
import { Bundles } from '../read/bundles.ts'
import { EvidenceLines } from './evidence-lines.ts'
import { convictByReplay } from './replay-evidence.ts'
import type { ReplayTools } from './replay-tools.ts'

/** What an evidence file proves: in facts, step by step, and in words for those whom it concerns. */
export interface ProvenEvidence {
  readonly what: 'evidence'
  readonly code: string
  readonly facts: Readonly<Record<string, string | number>>
  readonly checked: readonly string[]
  readonly unchecked: readonly string[]
  /** Which promise the operator broke, and what that means. */
  readonly broken: string
  readonly means: string
}

/** What a reader brings along for files that do not have it. */
export interface EvidenceMeans {
  /** The ledger, for an auditor: where the log is, if the file does not carry it. */
  readonly client?: TallyClient | undefined
  /** Or a folder in which the entries are. */
  readonly folder?: string | undefined
  /** Files of details, as for an audit. */
  readonly details?: readonly string[] | undefined
  /** Ends it: `Error` of its reason. */
  readonly signal?: AbortSignal
  readonly onStage?: OnStage | undefined
}

/**
 * Checks that an evidence file convicts the operator of a log of the policy: by what it shows, or by a replay of the
 * log that it carries, or that the ledger serves.
 *
 * @param path - of an untrusted file.
 * @throws FormatError `evidence`; VerifyError `needs-replay`, `needs-observer`, `not-proven`, and others of `convict`
 * and `convictByReplay`; ClientError.
 */
export async function findEvidence(path: string, policy: Policy, means: EvidenceMeans = {}): Promise<ProvenEvidence> {
  const lines = await EvidenceLines.open(path)
  try {
    return found(lines.file, await convictBy(lines, policy, means))
  } finally {
    await lines.close()
  }
}

async function convictBy(lines: EvidenceLines, policy: Policy, means: EvidenceMeans): Promise<Conviction> {
  const { file } = lines
  try {
    return convict(file, policy)
  } catch (error) {
    if (!(error instanceof VerifyError && error.code === 'needs-replay')) throw error
    if (lines.bundles === 0 && means.client === undefined && means.folder === undefined)
      throw new VerifyError(
        error.code,
        `${error.message}, and the file does not carry it: anyone who has the key of an auditor replays it with ` +
          'tally verify FILE --policy POLICY --log URL --key KEY, and anyone who has the entries with --log FOLDER',
        { cause: error },
      )
    return await replayed(file, lines.bundles > 0 ? lines : undefined, policy, means)
  }
}

async function replayed(
  file: EvidenceFile,
  lines: EvidenceLines | undefined,
  policy: Policy,
  { client, folder, details, signal, onStage }: EvidenceMeans,
): Promise<Conviction> {
  const held = details === undefined || !needsDetails(file.code) ? undefined : await readDetails(details)
  const checkpoint = checkpointShown(file.evidence.checkpoint, 'checkpoint', policy)
  const tools: ReplayTools = {
    ...bundlesFrom(),
    held,
    salt: client === undefined ? undefined : await saltFor(file, client),
    onRead(entries, size) {
      signal?.throwIfAborted()
      onStage?.('reading the log', entries, size)
    },
    onReplay(entries, size) {
      signal?.throwIfAborted()
      onStage?.('replaying', entries, size)
    },
  }
  return await convictByReplay(file, policy, tools)

  function bundlesFrom(): Pick<ReplayTools, 'bundles' | 'from'> {
    if (lines !== undefined) return { bundles: lines, from: 'in the file' }
    if (folder !== undefined) return { bundles: new BundleFolder(folder), from: `in ${folder}` }
    return { bundles: new Bundles(client!, checkpoint), from: 'that the ledger serves' }
  }
}

/**
 * The salt of the seal at fault, with what the ledger signs under it; undefined where it is not about that, or it gives
 * none.
 */
export async function saltFor(
  { code, evidence }: Pick<EvidenceFile, 'code' | 'evidence'>,
  client: Pick<TallyClient, 'signedSalts'>,
): Promise<ShownSalt | undefined> {
  const entry = evidence.entries?.find(({ index }) => index === evidence.at)
  if (code !== 'seal-totals' || entry === undefined) return undefined
  try {
    const { epoch } = decodeSeal(fromBase64(entry.entry))
    const { salts, signature } = await client.signedSalts(epoch, 1)
    const [salt] = salts
    if (salt === undefined || signature?.length !== 64) return undefined
    return { epoch, salt: toBase64(salt), signature: toBase64(signature) }
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

function found({ url, time }: EvidenceFile, { code, facts, shown }: Conviction): ProvenEvidence {
  const { promise, means } = brokenPromise(code)!
  return {
    what: 'evidence',
    code,
    facts: { ...facts, code },
    checked: shown,
    unchecked: [
      ...(url === undefined && time === undefined
        ? []
        : [`where and when it was found (${[url, time].filter(Boolean).join(', ')}): that is its finder's word`]),
      'who in the operator’s house did it: it was signed with the log’s key, and that is all that signatures say',
      'what else may be wrong with the log: an audit of all of it ends at the first fault',
    ],
    broken: promise,
    means,
  }
}
