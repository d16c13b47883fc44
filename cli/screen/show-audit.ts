import type { AuditReport } from '../../src/audit/audit-report.ts'
import { type AuditKey, policyLine } from '../../src/audit/cosign.ts'
import type { KeptEvidence } from '../../src/audit/evidence/keep-evidence.ts'
import type { LedgerTime } from '../../src/audit/ledger-time.ts'
import type { OpenedFindings } from '../../src/audit/opened-totals.ts'
import { percent, type RewardsReport, whyNot } from '../../src/audit/rewards.ts'
import { wentOnInWords } from '../../src/audit/went-on.ts'
import { needsDetails } from '../../src/verify/evidence/convict-log.ts'
import type { EvidenceFile } from '../../src/verify/evidence/evidence-file.ts'
import { lacksOf } from '../../src/verify/evidence/make-evidence.ts'
import { inWords } from './fault-words.ts'
import { inOneLine, table, when } from './screen.ts'

/** What an audit found, for people. */
export function showAudit(report: AuditReport, time: LedgerTime, isContinued: boolean): string {
  const { origin, treeSize, entries, entriesBefore, transactions, accounts, seals, totals, faults } = report
  const what =
    faults.length > 0
      ? `${faults.length} FAULT${faults.length > 1 ? 'S' : ''}`
      : time.troubles.length > 0
        ? 'the entries hold, and LEDGER TIME DOES NOT'
        : `everything holds${isContinued ? ', and continues what was audited before' : ''}`
  const head = `${origin}: ${what}\n\n`
  const counts = table([
    ['', 'log size', treeSize],
    ['', 'replayed', entries],
    ...(entriesBefore === 0 ? [] : [['', 'of these, before', entriesBefore]]),
    ['', 'transactions', transactions],
    ['', 'seals', seals],
    ['', 'accounts', accounts],
  ])
  const units = table([
    ['', 'unit', 'issued', 'opened', 'redeemed', 'expired', 'reinstated', 'reversed', 'owed'],
    ...Object.entries(totals).map(([unit, one]) => [
      '',
      unit,
      one.issued,
      one.opened,
      one.redeemed,
      one.expired,
      one.reinstated,
      one.reversed,
      one.owed,
    ]),
  ])
  const found = faults.map(({ code, message }) => `  ${code}: ${inOneLine(message)}\n`).join('')
  const wentOn = wentOnInWords(report.wentOn).map(line => `\n${inOneLine(line)}.\n`)
  const rewards = report.rewards === undefined ? '' : `\n${showRewards(report.rewards)}`
  return `${head}${found}${found && '\n'}${counts}\n${units}${wentOn.join('')}${showTime(time)}${rewards}`
}

/** What was found of ledger time. */
function showTime({ sealMs, vouched, troubles, remarks }: LedgerTime): string {
  const said = [...troubles, ...remarks].map(({ code, message }) => `  ${code}: ${inOneLine(message)}\n`).join('')
  const at = sealMs === undefined ? '' : `The last seal is of ${when(sealMs)}. `
  const by =
    vouched === 0
      ? 'No checkpoint in an archive vouches for the times before.'
      : `Times vouched for by ${vouched} cosigned checkpoints.`
  return `\n${at}${by}\n${said}`
}

/** What was found of the totals that the log opened for everyone. */
export function showOpened({ days, unopened, remarks }: OpenedFindings): string {
  const missing = unopened.length === 0 ? [] : [{ code: 'totals-unopened', message: missingDays(unopened) }]
  const said = [...missing, ...remarks].map(({ code, message }) => `  ${code}: ${inOneLine(message)}\n`).join('')
  return `Totals are open to everyone for ${days} ${days === 1 ? 'day' : 'days'}.\n${said}`
}

function missingDays(days: readonly string[]): string {
  const more = days.length > 3 ? ` and ${days.length - 3} more` : ''
  return `the log had seals, and opened none, on ${days.slice(0, 3).join(', ')}${more}`
}

/** What came of applying the published rules again. */
function showRewards({ fromEntry, all, evaluated, rules, tiers, chains }: RewardsReport): string {
  const share =
    `${percent(evaluated.issues, all.issues)} of ${all.issues} issues, ${percent(evaluated.points, all.points)} of ` +
    `${all.points} points`
  const rows = rules.map(one => [
    '',
    one.rule === 0 ? 'none named' : `${one.name || 'no rule'} (record ${one.rule})`,
    one.all.issues,
    one.evaluated.issues,
    percent(one.evaluated.issues, one.all.issues),
    percent(one.evaluated.points, one.all.points),
    one.wrong.issues,
    whyNot(one),
  ])
  return `Rewards computed again by the published rules${fromEntry > 0 ? `, from entry ${fromEntry} on` : ''}: ${share}\n\n${table(
    [['', 'rule', 'issues', 'computed', 'of issues', 'of points', 'wrong', 'not computed'], ...rows],
  )}${tiers.all === 0 ? '' : `\nTiers computed again: ${tiers.evaluated} of ${tiers.all}, ${tiers.wrong} of them wrong\n`}${chainsWords(chains)}`
}

function chainsWords(chains: RewardsReport['chains']): string {
  if (chains === undefined) return ''
  return `\nEvents of ${chains.members} members, handed over whole: ${chains.numbers} in chains, ${chains.wrong} wrong${
    chains.everyone === 0 ? '' : `; counters of everyone computed again: ${chains.everyone}`
  }\n`
}

/** What else came of it: where the evidence is and what it says, or the cosignature. */
export function showOutcome(evidence: KeptEvidence | undefined, own: AuditKey | undefined): string {
  if (own !== undefined && evidence === undefined)
    return `\nCosigned by ${own.key.name}: replayed up to here. For policies that trust it:\n\n  ${policyLine(own)}\n`
  if (evidence === undefined) return ''
  const { file, path } = evidence
  const broken = inWords(file.code)
  return `${broken}\nEvidence: ${path}\n${NEEDS[file.needs]}\n${handedOn(evidence)}${howWithout(evidence)}`
}

const NEEDS: Readonly<Record<EvidenceFile['needs'], string>> = {
  nothing: 'It convicts the operator by itself: anyone can check it offline with tally verify.',
  replay: 'It names checkpoint and entry, and takes a replay of the log up to there to see.',
  observer: 'It holds what was served here. Nobody signed that, so others have to look for themselves.',
}

/** What is handed on with a file, beyond the few entries that show a fault. */
function handedOn({ file, carried }: KeptEvidence): string {
  const { details = [] } = file.evidence
  const log =
    carried === undefined || 'leftOut' in carried
      ? ''
      : `It carries the first ${carried.entries} entries of the log (${(carried.bytes / 2 ** 20).toFixed(1)} MiB): ` +
        'account numbers, amounts and times of\neveryone, which the ledger shows to auditors only. Anyone who is ' +
        'handed it can read them; --evidence-limit 0 leaves them out.\n'
  const texts =
    details.length === 0
      ? ''
      : `It shows the details of ${details.length} issue${details.length > 1 ? 's' : ''}, salt and text: personal ` +
        'data.\n'
  return log + texts
}

/** What to do with a file that does not convict by itself. */
function howWithout({ file, path, carried }: KeptEvidence): string {
  if (file.needs === 'nothing') return ''
  const lacks = lacksOf(file)
  const why = carried !== undefined && 'leftOut' in carried ? `The entries are left out: ${carried.why}.\n` : ''
  if (needsDetails(file.code) && lacks !== undefined)
    return (
      `It lacks ${lacks}. --evidence-details shows them, which are personal data; or anyone who has them checks it ` +
      `with\n  tally verify ${path} --policy POLICY --log URL --key AUDITOR --details FILE\n`
    )
  if (lacks !== undefined)
    return (
      `It lacks ${lacks}, which the ledger did not give. This asks it again:\n  tally verify ${path} --policy ` +
      'POLICY --log URL --key AUDITOR\n'
    )
  if (file.needs === 'observer') return why
  return (
    `${why}Anyone who has the key of an auditor, and the log, checks it with\n  tally verify ${path} --policy ` +
    'POLICY --log URL --key AUDITOR\n'
  )
}
