import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { type AuditedLog, auditLog } from '../../src/audit/audit.ts'
import type { AuditReport } from '../../src/audit/audit-report.ts'
import { type AuditKey, cosignAudited, policyBefore, policyLine, readAuditKey } from '../../src/audit/cosign.ts'
import { type DroppedOf, droppedOf } from '../../src/audit/dropped.ts'
import type { FoundBy } from '../../src/audit/evidence/accuse.ts'
import { judgeRefusals } from '../../src/audit/evidence/judge-refusals.ts'
import { type KeptEvidence, keepEvidence } from '../../src/audit/evidence/keep-evidence.ts'
import { Figures } from '../../src/audit/figures.ts'
import { ledgerTimeOf } from '../../src/audit/ledger-time.ts'
import { keepAlive } from '../../src/audit/read/keep-alive.ts'
import { auditPage } from '../../src/audit/report/page.ts'
import { type Workpapers, writeWorkpapers } from '../../src/audit/report/workpapers.ts'
import { writeReports } from '../../src/audit/report/write-reports.ts'
import { KeptLog } from '../../src/audit/resume/audited-log.ts'
import { Rewards } from '../../src/audit/rewards.ts'
import { type RuleTexts, ruleTexts } from '../../src/audit/rule-texts.ts'
import { keepWithheld, WithheldError, withheldIn } from '../../src/audit/withheld.ts'
import { ClientError, publicKeyOf, type TallyClient } from '../../src/client/index.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import { openSigned } from '../../src/core/note/signed.ts'
import { readChains } from '../../src/files/chain-file.ts'
import { readDetails } from '../../src/files/details-file.ts'
import { RuleFolder } from '../../src/files/rule-folder.ts'
import { UsageError } from '../../src/node/failure.ts'
import { writeBytes } from '../../src/node/file-system.ts'
import { EXIT } from '../failure.ts'
import { byteSize, DEFAULT_DATA, manyPaths, policyOption, type Remote, wholeNumber } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { untilInterrupted } from '../input/signal.ts'
import { note, print, printJson, progressBar, stageBars, when } from '../screen/screen.ts'
import { showAudit, showOpened, showOutcome } from '../screen/show-audit.ts'
import { jsonOfDropped, showDropped } from '../screen/show-dropped.ts'
import { showRefusals } from '../screen/show-refusals.ts'

/** Requests under way at once. */
const CONNECTIONS = 8

interface AuditCommandOptions {
  readonly data: string
  readonly key?: string
  readonly policy?: string
  readonly state?: string
  readonly sign?: string
  readonly out?: string
  readonly evidence?: string
  readonly evidenceLimit: number
  readonly evidenceDetails?: boolean
  readonly html?: string
  readonly reports?: string
  readonly workpapers?: string
  readonly sample: number
  readonly details?: readonly string[]
  readonly before?: string
  readonly refusals?: readonly string[]
  readonly chains?: string
  readonly json?: boolean
}

export function auditCommand(program: Command): void {
  program
    .command('audit <url>')
    .summary('replay a whole ledger and check everything')
    .description(
      'Fetches every entry of a ledger, verifies every signature, replays every rule, computes every seal and tile, ' +
        'and checks the checkpoint. Exits 0 only if there is no fault. Writes each fault into a file that proves it ' +
        'to others.',
    )
    .addOption(policyOption())
    .option('--data <dir>', 'the folder with the auditor key that the first start made', DEFAULT_DATA)
    .option('--key <file>', 'an auditor key, instead of the one in --data')
    .option('--state <dir>', 'keep the progress of the audit here; the next audit continues from there')
    .option('--sign <file>', 'if there is no fault, cosign the checkpoint with this key')
    .option('--out <file>', 'write the audited checkpoint here, with the cosignature of --sign')
    .option(
      '--evidence <file>',
      'write the proof of a fault here; by default to evidence-<size>.json in --state or in this folder, .jsonl ' +
        'with the entries of the log',
    )
    .addOption(
      new Option(
        '--evidence-limit <size>',
        'put the entries of the log into the file, if others need them to see the fault, up to this size; 0 leaves ' +
          'them out',
      )
        .argParser(byteSize)
        .default(2 ** 30, '1GiB'),
    )
    .option('--evidence-details', 'put the details of a wrong reward into the file: these are personal data')
    .option('--html <file>', 'write a report with charts, as one HTML page that needs nothing else')
    .option('--reports <dir>', 'write tables for accountants here, as CSV and as one JSON file; see below')
    .option(
      '--workpapers <dir>',
      'the same, with a sample of transactions and their receipts, signed by the auditor key',
    )
    .addOption(
      new Option('--sample <n>', 'how many transactions --workpapers draws').argParser(wholeNumber).default(25),
    )
    .option(
      '--details <path>',
      'details of issues, from the platform: a file, or a folder of .jsonl files; may be given more than once',
      manyPaths,
    )
    .option(
      '--before <place>',
      'the log before, which the ledger left: a URL, or a folder with its checkpoint and entry bundles; dropped ' +
        'entries are listed, all of them with --json',
    )
    .option(
      '--refusals <file>',
      'a refusal of a member: check by the log whether its reason was true; may be given more than once',
      manyPaths,
    )
    .option('--chains <file>', 'with --details: all events of members, from the platform')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (url: string, options: AuditCommandOptions) => {
      process.exitCode = await runAudit(url, options)
    })
}

const HELP = `
Examples:
  tally audit http://127.0.0.1:8080
  tally audit https://points.shop.example --policy shop.policy --key auditor.key.json --state audits --html audit.html
  tally keygen --name auditor.example --out witness.key.json
  tally audit https://points.shop.example --policy shop.policy --key auditor.key.json --state audits \\
    --sign witness.key.json --out audited.checkpoint
  tally audit https://points.shop.example --policy shop.policy --key auditor.key.json --details points.jsonl
  tally audit https://points.shop.example --policy shop.policy --key auditor.key.json --workpapers 2026-11 --sample 60

With --reports, the audit writes what an accountant asks for, as of the checkpoint: movements.csv (what was held, issued,
redeemed, expired, taken back, month by month), liability.csv (what members hold, by the month in which it expires),
merchants.csv, rules.csv, members.csv (how points are spread), outcomes.csv, keys.csv, duties.csv, and reports.json with
all of them and the checkpoint. Anyone who audits the same checkpoint gets the same files. --workpapers draws transactions
besides, by the root of the checkpoint, so that nobody chose them; keeps a receipt of each, for tally verify; and signs the
list of all files and their SHA-256, bound to the checkpoint, with the auditor key (workpapers.note).

With --state, the log has to continue what was audited before, and the audit goes on from where that one came to: an
hour's new entries cost an hour's work, and none of those before is read again but where its id comes again. Ended at any
moment, it goes on from its last mark, ten seconds and some per cent of its work ago at most. What is kept has to make the
seal and the root that it stands for, or it is deleted and the log audited from its first entry; a fault found with its
help is reported only when it is found without it as well.

With --details, what each issue must be is computed again, from the published rule that it names and the details that it
commits to, and the share of issues and points that could be is reported. The files (tally import --details) are hashed
here, so nobody has to be trusted for them. A wrong amount or date, or more in sum than one event earns, is a fault; details that
are missing are none. With --state it is done for the entries that this audit replays, and the report says from which on;
a day's cap and repeated events are seen among those. For all of them, audit without --state. Takes some 300 bytes of
memory a detail; holds 2 GiB of them, some eight million.

Memory is otherwise for the accounts and not for the length of the log. All processors are used.

What convicts the operator goes into the evidence file, so that anyone can check it with tally verify and the policy alone.
Most faults a few entries show. Where it takes a replay, the file carries all entries up to the fault: account numbers,
amounts and times of everyone, which the ledger itself shows to auditors only. Anyone who is handed the file can read them.
It is checked before it gets its name; Ctrl-C leaves the entries out. Without them (--evidence-limit 0, or a longer log) the
file names the entry, and anyone who has the key of an auditor checks it with tally verify --log URL. Evidence of a wrong reward
takes details of those issues as well, which are personal data: only with --evidence-details.

With --refusals, a batch that was refused whole is judged by the log as it was then (SPEC §9): a reason that is not true
convicts the operator, and goes into an evidence file of its own, which carries the log up to there.

--sign needs --state, which remembers what was cosigned: one directory for one key. Nothing is cosigned after a fault,
and nothing smaller than what was cosigned before.
`

async function runAudit(url: string, options: AuditCommandOptions): Promise<number> {
  const { state, sign, details } = options
  if (options.chains !== undefined && details === undefined)
    throw new UsageError('settings', '--chains needs --details, beside which they are read.')
  if (options.evidenceDetails && details === undefined)
    throw new UsageError('settings', '--evidence-details needs --details, from which they are taken.')
  const remote: Remote = { ...options, url }
  if (sign !== undefined && state === undefined)
    throw new UsageError('settings', '--sign needs --state, where it is remembered what was cosigned.')
  const session = await Session.open(remote, { carry: keepAlive(CONNECTIONS) })
  const { policy } = session
  const caller = await session.auditorKey()
  const own = sign === undefined ? undefined : await readAuditKey(sign, policy, publicKeyOf(caller))
  const client = session.client.as(caller)
  const found = details === undefined ? undefined : await ruleTexts(client, rulesIn(state))
  const rewards = details === undefined ? undefined : await rewardsFrom(details, found!.texts, options.chains)
  for (const { record, name, digest } of found?.missing ?? [])
    note(
      `rule-text: the text of rule ${name} (record ${record}, SHA-256 ${digest}) is missing: its rewards are not checked.`,
    )
  const kept = state === undefined ? undefined : await KeptLog.open(state, await originOf(client, policy))
  try {
    const { audited, figures, earlier } = await auditOnce(client, policyBefore(policy, own), kept, rewards, {
      ...options,
      url,
    })
    const { report } = audited
    const time = when(Date.now())
    const isFaulty = report.faults.length > 0
    const ledgerTime = await ledgerTimeOf(audited, client, policyBefore(policy, own), Date.now())
    const found: FoundBy = { url, time, ...(earlier === undefined ? {} : { earlier }) }
    const refusals = options.refusals && (await judgedRefusals(options.refusals, audited, policy, found, options))
    const isPretext = refusals?.some(({ verdict }) => verdict === 'false') ?? false
    // A time that is ahead convicts nobody, and is not cosigned either.
    const isAhead = ledgerTime.troubles.length > 0
    const signing = isAhead || isPretext ? undefined : own
    if (own !== signing) note(`Not cosigned: ${isAhead ? 'ledger time is ahead' : 'a refusal is false'}.`)
    const dropped = options.before === undefined ? undefined : await droppedFrom(options.before, audited, remote)
    const say = (outcome: string, more: object) => {
      if (options.json)
        printJson({
          ...{ ...report, ledgerTime, openedTotals: audited.opened },
          ...{ ...jsonOfDropped(dropped), ...(refusals && { refusals }), ...more },
        })
      else
        print(
          showAudit(report, ledgerTime, earlier !== undefined) +
            showOpened(audited.opened) +
            showDropped(dropped) +
            showRefusals(refusals) +
            outcome,
        )
    }
    const bars = stageBars()
    // What was found is said in any case, also where it cannot be written down.
    const evidence = isFaulty
      ? await untilInterrupted(signal =>
          keepEvidence(audited, policy, client, found, options, { signal, onStage: bars.onStage }),
        )
          .finally(bars.stop)
          .catch((error: unknown) => {
            say('', {})
            throw error
          })
      : undefined
    const cosigned = isFaulty ? undefined : await keepAudited(report, signing, kept, options)
    const papers = await writePapers(audited, figures, client, session, policyBefore(policy, own), options)
    if (options.html !== undefined) {
      const { checkpoint } = audited
      const page = auditPage({
        report,
        figures: figures!,
        checkpoint,
        hasEarlier: earlier !== undefined,
        url,
        madeMs: Date.now(),
      })
      await writeBytes(options.html, page)
    }
    say(showOutcome(evidence, signing), {
      ...(evidence && jsonOf(evidence)),
      ...(cosigned === undefined ? {} : { cosigned }),
      ...(papers === undefined ? {} : { workpapers: papers }),
    })
    if (papers !== undefined && !options.json)
      print(`Workpapers: ${papers.files.length} files in ${options.workpapers}, signed by ${papers.key}\n`)
    return isFaulty || isAhead || isPretext ? EXIT.refused : EXIT.ok
  } finally {
    await kept?.close()
  }
}

/** Writes what was asked for besides the verdict. */
async function writePapers(
  audited: AuditedLog,
  figures: Figures | undefined,
  client: TallyClient,
  session: Session,
  policy: Policy,
  { reports, workpapers, sample }: AuditCommandOptions,
): Promise<Workpapers | undefined> {
  if (figures === undefined) return undefined
  if (reports !== undefined) {
    await mkdir(reports, { recursive: true })
    await writeReports(audited, figures, (name, bytes) => writeBytes(join(reports, name), bytes))
  }
  if (workpapers === undefined) return undefined
  const signer = await session.auditorKeyFile()
  return writeWorkpapers(audited, { directory: workpapers, client, policy, figures, sample, signer })
}

/** What comes of the refusals that an auditor was handed. */
function judgedRefusals(
  paths: readonly string[],
  audited: AuditedLog,
  policy: Policy,
  found: FoundBy,
  options: AuditCommandOptions,
) {
  const bars = stageBars()
  return untilInterrupted(signal =>
    judgeRefusals(paths, audited, policy, found, options, { signal, onStage: bars.onStage }),
  ).finally(bars.stop)
}

/** What the ledger left behind of the log before, from where that can be had. */
async function droppedFrom(place: string, audited: AuditedLog, remote: Remote): Promise<DroppedOf> {
  if (!/^https?:/.test(place)) return droppedOf(audited, place, (await Session.open(remote)).policy)
  const session = await Session.open({ ...remote, url: place }, { carry: keepAlive(CONNECTIONS) })
  return droppedOf(audited, session.client.as(await session.auditorKey()), session.policy)
}

/** Evidence, as `--json` has it. */
function jsonOf({ file, path, carried }: KeptEvidence): object {
  return { evidence: path, needs: file.needs, ...(carried && { carried }) }
}

/** Where an auditor keeps the texts of rules that he was served. */
function rulesIn(state: string | undefined): RuleFolder | undefined {
  return state === undefined ? undefined : new RuleFolder(join(state, 'rules'))
}

/** Reads details, and makes what computes rewards of them. */
async function rewardsFrom(paths: readonly string[], texts: RuleTexts, chains: string | undefined): Promise<Rewards> {
  const bar = progressBar('Reading details', 'lines')
  let lines = 0
  const onLine = () => {
    if (++lines % 10_000 === 0) bar.update(lines, lines)
  }
  try {
    return new Rewards(await readDetails(paths, onLine), texts, chains === undefined ? undefined : readChains(chains))
  } finally {
    bar.stop()
  }
}

/** Which log of the policy it is: by what was signed, not by what the ledger calls itself. */
async function originOf(client: TallyClient, policy: Policy): Promise<string> {
  return openSigned(await client.checkpoint(), policy).origin
}

interface AuditAttempt {
  readonly audited: AuditedLog
  readonly figures: Figures | undefined
  /** The checkpoint of the audit before, a signed note. */
  readonly earlier: Uint8Array | undefined
}

/** Audits, and has the log continue what was audited before. */
async function auditOnce(
  client: TallyClient,
  policy: Policy,
  kept: KeptLog | undefined,
  rewards: Rewards | undefined,
  { html, reports, workpapers, state, ...place }: AuditCommandOptions & { readonly url: string },
): Promise<AuditAttempt> {
  const earlier = await kept?.checkpoint()
  let signed: Uint8Array | undefined
  const bar = progressBar('Auditing', 'entries')
  const isCounted = html !== undefined || reports !== undefined || workpapers !== undefined
  const figures = isCounted ? new Figures() : undefined
  try {
    const audited = await auditLog({
      client,
      policy,
      onProgress: bar.update,
      ...(figures === undefined ? {} : { figures }),
      ...(rewards === undefined ? {} : { rewards }),
      ...(kept === undefined ? {} : { kept }),
      ...(earlier === undefined ? {} : { earlier }),
      ...(state === undefined
        ? {}
        : { withheld: await withheldIn(state), earlierOf: origin => KeptLog.checkpointOf(state, origin) }),
      onSigned(note) {
        signed = note
      },
    })
    return { audited, figures, earlier }
  } catch (error) {
    if (signed !== undefined && (error instanceof WithheldError || error instanceof ClientError)) {
      const found: FoundBy = { url: place.url, time: when(Date.now()), ...(earlier === undefined ? {} : { earlier }) }
      const path = await keepWithheld(signed, error, policy, found, {
        ...place,
        ...(state === undefined ? {} : { state }),
      })
      note(`What the log signed is kept, for all who were shown something else: ${path}`)
    }
    throw error
  } finally {
    bar.stop()
  }
}

/** Keeps a checkpoint that was audited without fault, cosigned where there is a key; returns when it was. */
async function keepAudited(
  { checkpoint }: AuditReport,
  own: AuditKey | undefined,
  kept: KeptLog | undefined,
  { out }: AuditCommandOptions,
): Promise<{ readonly key: string; readonly policyLine: string } | undefined> {
  const plain = utf8Encode(checkpoint)
  const audited = own === undefined ? plain : await cosignAudited(plain, own, kept!, Date.now())
  if (own === undefined) await kept?.keepCheckpoint(audited)
  if (out !== undefined) await writeBytes(out, audited)
  return own === undefined ? undefined : { key: own.key.name, policyLine: policyLine(own) }
}
