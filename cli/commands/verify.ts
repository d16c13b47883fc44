import type { Command } from 'commander'
import { meaning } from '../../src/client/outcome-words.ts'
import { equalBytes } from '../../src/core/bytes.ts'
import { decodeBatch } from '../../src/core/entry/batch.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { CodedError, check, VerifyError } from '../../src/core/failure.ts'
import { type Policy, parsePolicy } from '../../src/core/note/policy.ts'
import { verifyConsistency } from '../../src/core/tree/merkle.ts'
import { readKey } from '../../src/files/key-files.ts'
import { readPages } from '../../src/files/page-file.ts'
import { WalletState } from '../../src/files/wallet-folder.ts'
import { UsageError } from '../../src/node/failure.ts'
import { readBytes } from '../../src/node/file-system.ts'
import { readText } from '../../src/node/plain-text.ts'
import type { BatchProof } from '../../src/verify/batch-proof.ts'
import { type Card, parseCard } from '../../src/verify/card.ts'
import { brokenPromise } from '../../src/verify/evidence/broken-promise.ts'
import { cosignedAhead, testRemark } from '../../src/verify/ledger-time.ts'
import type { StatementPage } from '../../src/verify/page.ts'
import { parseReceipt, verifyReceipt } from '../../src/verify/receipt.ts'
import type { VerifiedPage } from '../../src/verify/verified-statement.ts'
import { describeError, exitStatus } from '../failure.ts'
import { asFile } from '../input/as-file.ts'
import { type EvidenceOptions, meansOf } from '../input/evidence-means.ts'
import { findStatement } from '../input/find-statement.ts'
import { kindOfFile } from '../input/kind-of-file.ts'
import { DEFAULT_DATA, manyPaths, timeSpan } from '../input/options.ts'
import { keptAs, proofFrom, readGrowth, ShownError, type Visit, verifyOrShow } from '../input/visit.ts'
import { describeEntry } from '../screen/describe.ts'
import { inWords } from '../screen/fault-words.ts'
import { type Finding, findingJson, showFinding } from '../screen/finding.ts'
import { grown, notGrown, notWitnessed, witnessed } from '../screen/grown.ts'
import { inOneLine, note, print, printJson, progressBar, stageBars, when } from '../screen/screen.ts'
import { findPromise } from '../screen/show-promise.ts'
import { findRefusal } from '../screen/show-refusal.ts'
import { findTotals } from '../screen/show-totals.ts'

interface VerifyOptions extends EvidenceOptions {
  readonly policy: string
  readonly card?: string
  readonly state?: string
  readonly growth?: string
  readonly maxAge?: number
  readonly acceptDropped?: boolean
  readonly json?: boolean
}

export function verifyCommand(program: Command): void {
  program
    .command('verify <file>')
    .summary('verify a statement, a receipt, a promise, a refusal, opened totals or evidence, offline')
    .description(
      'Verifies a statement, a receipt, a promise, a refusal, totals (/totals/<n>) or an evidence file, without a network. Exits 0 ' +
        'only if every check passes, else names the first that fails. Evidence holds if it proves by itself that the ' +
        'operator of the log broke a promise; then the command prints the promise and its meaning. Evidence with ' +
        'entries of the log is replayed. `-` is standard input.',
    )
    .requiredOption('--policy <file>', 'whom you trust: a tlog-policy file, from someone you trust')
    .option('--card <file>', 'the card of your account: without it, nothing shows that a statement is yours')
    .option(
      '--state <dir>',
      'keep the verified account and checkpoint in this folder, and continue from them: the log must have grown ' +
        'from that checkpoint',
    )
    .option(
      '--growth <file>',
      'the proof of that, from `tally statement --state`; by default <file>.growth, if it exists',
    )
    .option(
      '--accept-dropped',
      'with --state: accept that the ledger continued in another log without entries that you had verified; the ' +
        'dropped entries are listed',
    )
    .option('--max-age <time>', 'refuse a statement whose seal is older, such as 1d', timeSpan)
    .option(
      '--log <place>',
      'for evidence without entries of the log: the URL of the ledger, whose log is replayed with an auditor key, or ' +
        'a folder with its entry bundles, tile/entries/…',
    )
    .option(
      '--key <file>',
      'your key file: the card must name its key and its nonce; with --log: an auditor key, instead of that in ' +
        '--data',
    )
    .option('--data <dir>', 'with --log: the folder with the auditor key that the first start made', DEFAULT_DATA)
    .option(
      '--details <path>',
      'the details for evidence of a wrong reward that has none, as for tally audit; may be given more than once',
      manyPaths,
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally verify 3.statement --policy data/policy --card data/members/3.card.json\n  tally ' +
        'verify 3.statement --policy data/policy --card data/members/3.card.json --state wallet\n  tally verify ' +
        '27.tlog-proof --policy data/policy --json\n  tally verify 5f0c1e77a90b3d42.refusal --policy data/policy\n ' +
        ' tally verify evidence-700.jsonl --policy shop.policy\n  tally verify evidence-700.json --policy ' +
        'shop.policy --log https://points.shop.example --key auditor.key.json\n\nWhat comes from --log need not be ' +
        'trusted: it has to be what the log of your policy signed.',
    )
    .action(async (file: string, options: VerifyOptions) => {
      process.exitCode = await verify(file, options)
    })
}

async function verify(file: string, options: VerifyOptions): Promise<number> {
  try {
    const finding = await asFile(file, path => find(path, options))
    if (options.json) printJson({ file, holds: true, ...findingJson(finding) })
    else print(showFinding(file, finding))
    return 0
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    const { code, message } = error
    const word = brokenPromise(code)
    if (options.json)
      printJson({
        file,
        holds: false,
        code,
        message,
        ...(word && { broken: word.promise, means: word.means }),
        ...(error instanceof ShownError && { evidence: error.evidence }),
      })
    else if (error instanceof VerifyError)
      print(
        `${file}: ${verdictOn(error)}\n\n  ${inOneLine(message)}\n  (${code}, SPEC ` +
          `§${sectionOf(error)})\n${inWords(code)}${adviceOn(error, options)}`,
      )
    else note(describeError(error))
    return exitStatus(error)
  }
}

/**
 * What to do about it: where the evidence is; about a part of a history without its beginning, or a log that is not
 * shown to have grown, what may be missing.
 */
function adviceOn(error: VerifyError, { policy, state }: VerifyOptions): string {
  const { code } = error
  if (error instanceof ShownError && error.needs === 'nothing')
    return `\nEvidence, for everyone to check with tally verify: ${error.evidence}\n`
  if (code === 'kept-state' && state === undefined)
    return (
      '\nA statement fetched with --since or --state goes on from what you verified before: verify it with ' +
      '--state, too, or fetch a whole one.\n'
    )
  if (code === 'pages-missing')
    return '\nNo balance follows from it. `tally statement` fetches the pages that are missing.\n'
  if (code !== 'consistency-proof' || state === undefined) return ''
  const kept = error instanceof ShownError ? `\nBoth checkpoints are kept: ${error.evidence}\n` : ''
  return (
    `${kept}\n\`tally statement --state ${state}\` fetches a new statement with the proof. To ask the log itself, and ` +
    `keep its answer\nas evidence if it was rewritten: tally watch URL --policy ${policy} --state ${state} --once\n`
  )
}

/** Evidence can be in order, and yet not enough by itself. */
function verdictOn(error: VerifyError): string {
  if (error.code === 'needs-replay') return 'this MUST BE REPLAYED to be seen'
  if (error.code === 'pages-missing') return 'this is NOT A WHOLE STATEMENT'
  return isOfEvidence(error) ? 'this PROVES NOTHING by itself' : 'DOES NOT HOLD'
}

/** The section of SPEC that has the check. */
function sectionOf(error: VerifyError): number {
  if (isOfEvidence(error)) return 11
  return /^(?:promise|refusal)-/.test(error.code) ? 9 : 10
}

function isOfEvidence({ code }: VerifyError): boolean {
  return code === 'needs-replay' || code === 'needs-observer' || code === 'not-proven'
}

/** What a file proves; of a test ledger, with a word that it is one. */
async function find(file: string, options: VerifyOptions): Promise<Finding> {
  const policy = await readText(options.policy, parsePolicy)
  const test = testRemark(policy)
  const finding = await findUnder(policy, file, options)
  return test === undefined ? finding : { ...finding, warnings: [test.message, ...(finding.warnings ?? [])] }
}

async function findUnder(policy: Policy, file: string, options: VerifyOptions): Promise<Finding> {
  const kind = await kindOfFile(file)
  if (kind === 'evidence') {
    const bars = stageBars()
    // Only evidence takes the rules of programmes and a replay: nothing else waits for them to be loaded.
    const { findEvidence } = await import('../../src/audit/evidence/prove-evidence.ts')
    const means = { ...(await meansOf(options)), onStage: bars.onStage }
    return findEvidence(file, policy, means).finally(bars.stop)
  }
  const card = await cardOf(options)
  if (kind === 'statement' || kind === 'pages' || kind === 'receipt') {
    const wallet = options.state === undefined ? undefined : await WalletState.open(options.state)
    try {
      const visit = {
        policy,
        wallet,
        seen: (await wallet?.seen(policy)) ?? [],
        growth: await readGrowth(file, options),
      }
      if (kind === 'receipt') return await findReceipt(await readBytes(file), visit)
      const bar = progressBar('Verifying', 'entries')
      const pages = kind === 'pages' ? readPages(file) : onePage(await readBytes(file))
      const brought = {
        card,
        hasKey: options.key !== undefined,
        maxAge: options.maxAge,
        acceptDropped: options.acceptDropped === true,
      }
      const onPage = ({ lineCount, entries }: VerifiedPage) => bar.update(lineCount, entries)
      return await findStatement(pages, visit, brought, onPage).finally(() => bar.stop())
    } finally {
      await wallet?.close()
    }
  }
  const bytes = await readBytes(file)
  if (kind === 'promise') return findPromise(bytes, policy)
  if (kind === 'refusal') return findRefusal(bytes, policy)
  if (kind === 'totals') return findTotals(bytes, policy, Date.now())
  throw new UsageError(
    'file-kind',
    `${file} is no statement, receipt, promise, refusal, opened totals or evidence${kind === undefined ? '' : ` but a ${kind}`}.`,
  )
}

async function* onePage(statement: Uint8Array): AsyncGenerator<StatementPage & { readonly isWhole: true }> {
  yield { growth: [], statement, isWhole: true }
}

/** The card of the holder, which has to be of her making where she shows her key file. @throws VerifyError. */
async function cardOf({ card: path, key: keyPath }: VerifyOptions): Promise<Card | undefined> {
  if (path === undefined) return undefined
  const card = await readText(path, parseCard)
  if (keyPath === undefined) return card
  const { publicKey, nonce } = await readKey(keyPath)
  const isHers = card.owners.some(key => equalBytes(key, publicKey))
  check(isHers, 'wrong-owner', `the card does not name the key of ${keyPath}`)
  const isNonce = nonce === undefined || equalBytes(nonce, card.nonce)
  check(isNonce, 'wrong-opening', `the card has another nonce than ${keyPath}: it is of another opening`)
  return card
}

async function findReceipt(bytes: Uint8Array, { policy, wallet, seen, growth }: Visit): Promise<Finding> {
  const { entry, evidence, index, trusted, status } = verifyReceipt(bytes, policy)
  const last = seen.find(({ origin }) => origin === trusted.origin)
  const { checkpoint } = parseReceipt(bytes)
  await verifyOrShow(
    () => last && verifyConsistency(last.size, last.root, trusted.size, trusted.root, proofFrom(last, growth)),
    async error => keptAs(wallet, policy, await wallet?.twoNotes(policy, checkpoint, error)),
  )
  await wallet?.keepCheckpoint(policy, checkpoint, trusted)
  const { entry: kind, ...fields } = describeEntry(entry) as Record<string, unknown>
  const facts = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ])
  const ahead = cosignedAhead(trusted, policy, Date.now())
  return {
    what: 'receipt',
    ...(ahead === undefined ? {} : { warnings: [ahead.message] }),
    facts: {
      ledger: trusted.origin,
      'log size': trusted.size,
      index,
      entry: String(kind),
      ...Object.fromEntries(facts),
      ...(evidence === null ? {} : outcomeOf(status!, evidence)),
    },
    checked: [
      'the checkpoint is signed by the log of your policy',
      ...witnessed(trusted),
      ...grown(last),
      'the entry is in the log, at this index',
      ...(status === null
        ? []
        : [`so is its batch, which says that the ledger ${status === 0 ? 'accepted' : 'refused'} it`]),
    ],
    unchecked: [
      ...notWitnessed(trusted),
      ...notGrown(last, wallet !== undefined),
      ...(status === null || status === 0
        ? []
        : [
            'whether it was refused rightly: an auditor replays every refusal, and one without reason convicts ' +
              'the ledger',
          ]),
    ],
  }
}

/** What the ledger made of a transaction, and when. */
function outcomeOf(status: number, { batch, index }: BatchProof): Record<string, string | number> {
  const outcome = OUTCOMES[status] ?? `status ${status}`
  return {
    outcome: status === 0 ? outcome : `refused: ${outcome}, ${meaning(outcome)}`,
    'decided at': when(decodeBatch(batch).time),
    'batch at': index,
  }
}
