import type { EvidenceFile } from '../src/core/evidence-file.ts'
import { type AuditKey, policyLine } from './audit-sign.ts'
import type { AuditReport } from './auditor.ts'
import { percent, type RewardsReport, whyNot } from './rewards.ts'
import { table } from './screen.ts'
import { inWords } from './words.ts'

/** What an audit found, for people. */
export function showAudit(report: AuditReport, isContinued: boolean): string {
  const { origin, treeSize, entries, entriesBefore, transactions, accounts, seals, totals, faults } = report
  const head =
    faults.length === 0
      ? `${origin}: everything holds${isContinued ? ', and continues what was audited before' : ''}\n\n`
      : `${origin}: ${faults.length} FAULT${faults.length > 1 ? 'S' : ''}\n\n`
  const counts = table([
    ['', 'log size', treeSize],
    ['', 'replayed', entries],
    ...(entriesBefore === 0 ? [] : [['', 'of these, before', entriesBefore]]),
    ['', 'transactions', transactions],
    ['', 'seals', seals],
    ['', 'accounts', accounts],
  ])
  const units = table([
    ['', 'unit', 'issued', 'redeemed', 'expired', 'reversed', 'owed'],
    ...Object.entries(totals).map(([unit, one]) => [
      '',
      unit,
      one.issued,
      one.redeemed,
      one.expired,
      one.reversed,
      one.owed,
    ]),
  ])
  const found = faults.map(({ code, message }) => `  ${code}: ${message}\n`).join('')
  const rewards = report.rewards === undefined ? '' : `\n${showRewards(report.rewards)}`
  return `${head}${found}${found && '\n'}${counts}\n${units}${rewards}`
}

/** What came of applying the published rules again. */
function showRewards({ fromEntry, all, evaluated, rules }: RewardsReport): string {
  const share = `${percent(evaluated.issues, all.issues)} of ${all.issues} issues, ${percent(evaluated.points, all.points)} of ${all.points} points`
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
  )}`
}

/** What else came of it: where the evidence is and what it says, or the cosignature. */
export function showOutcome(
  evidence: EvidenceFile | undefined,
  path: string | undefined,
  own: AuditKey | undefined,
): string {
  if (own !== undefined && evidence === undefined)
    return `\nCosigned by ${own.key.name}: replayed up to here. For policies that trust it:\n\n  ${policyLine(own)}\n`
  if (evidence === undefined) return ''
  const broken = inWords(evidence.code)
  const needs =
    evidence.code === 'reward'
      ? 'It names the checkpoint and the entry. Whoever has the details finds it again with tally audit --details.'
      : NEEDS[evidence.needs]
  if (path === undefined) return `${broken}\nTo keep what shows it: --evidence <file>, or --state <dir>.\n`
  return `${broken}\nEvidence: ${path}\n${needs}\n`
}

const NEEDS: Readonly<Record<EvidenceFile['needs'], string>> = {
  nothing: 'It convicts the operator by itself: anyone can check it offline with tally verify.',
  replay:
    'It names checkpoint and entry, so that anyone who may read the entries can replay up to there and see the same.',
  observer: 'It holds what was served here. Nobody signed that, so others have to look for themselves.',
}
