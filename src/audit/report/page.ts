import type { TrustedCheckpoint } from '../../core/note/policy.ts'
import { needsDetails } from '../../verify/evidence/convict-log.ts'
import type { AuditReport } from '../audit-report.ts'
import type { DayFlows, Figures, Issued } from '../figures.ts'
import { percent, whyNot } from '../rewards.ts'
import { wentOnInWords } from '../went-on.ts'
import { type Column, columnsOf, daysPerColumn, dayText, flowsChart, numberText, owedChart, SERIES } from './chart.ts'
import { STYLE } from './style.ts'

export interface PageParts {
  readonly report: AuditReport
  readonly figures: Figures
  /** The checkpoint of the report, as the policy sees it. */
  readonly checkpoint: TrustedCheckpoint
  /** Whether the log had to continue what was audited before. */
  readonly hasEarlier: boolean
  readonly url: string
  readonly madeMs: number
}

/** An audit as one HTML page that needs nothing else: no script, no file beside it, no network. */
export function auditPage(parts: PageParts): string {
  const { report, figures } = parts
  const { origin, faults } = report
  const verdict = faults.length === 0 ? 'everything holds' : `${faults.length} fault${faults.length > 1 ? 's' : ''}`
  const title = `${escaped(origin)}: ${verdict}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit of ${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header class="${faults.length === 0 ? 'holds' : 'faulty'}">
<h1>${title}</h1>
<p>An audit with Tallystick of ${new Date(parts.madeMs).toISOString()}.</p>
</header>
${faultList(report)}
${facts(parts)}
${wentOn(report)}
${totals(report)}
${charts(figures, isCut(report))}
${rules(figures)}
${rewards(report)}
${list('What was checked', 'checked', checkedBy(parts))}
${list('What was not checked', 'unchecked', uncheckedBy(parts))}
<section>
<h2>The checkpoint</h2>
<p>What all of this is about: size and root of the log, signed. Keep it; whatever the log shows later has to continue it.</p>
<pre>${escaped(report.checkpoint)}</pre>
</section>
</body>
</html>
`
}

/** Whether the replay ended before the log did: a wrong reward does not end it, nor what a log before had more. */
function isCut({ faults }: AuditReport): boolean {
  return faults.some(({ code }) => !needsDetails(code) && code !== 'continued-dropped')
}

/** Text as HTML has it, in elements and in quoted attributes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)
}

function faultList({ faults }: AuditReport): string {
  if (faults.length === 0) return ''
  const items = faults.map(({ code, message }) => `<li><b>${escaped(code)}</b>: ${escaped(message)}</li>`)
  return `<section class="faults">\n<h2>Faults</h2>\n<ul>${items.join('\n')}</ul>\n</section>`
}

function facts({ report, url }: PageParts): string {
  const rows: [string, string][] = [
    ['ledger', url],
    ['log size', numberText(report.treeSize)],
    ['entries replayed', numberText(report.entries)],
    ...(report.entriesBefore === 0
      ? []
      : [['of these, by the audits before', numberText(report.entriesBefore)] as [string, string]]),
    ['transactions', numberText(report.transactions)],
    ['accounts', numberText(report.accounts)],
    ['seals', numberText(report.seals)],
  ]
  return `<section>\n<table id="facts">${rows.map(([name, value]) => `<tr><th>${name}</th><td>${escaped(value)}</td></tr>`).join('\n')}</table>\n</section>`
}

function wentOn({ wentOn }: AuditReport): string {
  if (wentOn.length === 0) return ''
  return list(
    'Where the ledger went on in another log',
    'went-on',
    wentOnInWords(wentOn).map(line => `${line}.`),
  )
}

/** A table of figures: its rows begin with a name. */
function figureTable(
  id: string,
  head: readonly string[],
  rows: readonly (readonly (string | number | bigint)[])[],
): string {
  const cells = (row: readonly (string | number | bigint)[]) =>
    row
      .map(cell => (typeof cell !== 'string' ? `<td class="n">${numberText(cell)}</td>` : `<td>${escaped(cell)}</td>`))
      .join('')
  const body = rows.map(row => `<tr>${cells(row)}</tr>`).join('\n')
  return `<table id="${id}"><thead><tr>${head.map(name => `<th>${name}</th>`).join('')}</tr></thead>\n<tbody>${body}</tbody></table>`
}

function totals(report: AuditReport): string {
  const rows = Object.entries(report.totals).map(([unit, sums]) => {
    const { issued, opened, redeemed, expired, reinstated, reversed, owed } = sums
    return [unit, ...[issued, opened, redeemed, expired, reinstated, reversed, owed].map(BigInt)]
  })
  const head = ['unit', 'issued', 'brought along', 'redeemed', 'expired', 'reinstated', 'reversed', 'outstanding']
  return `<section>\n<h2>Totals</h2>\n<p>${!isCut(report) ? 'As the rules make them, and as the last seal commits to them.' : 'As the rules make them, up to where the replay ended.'}</p>\n${figureTable('totals', head, rows)}\n</section>`
}

function charts(figures: Figures, isFaulty: boolean): string {
  const byDay = [...figures.byDay()].filter(([, days]) => days.length > 0)
  if (byDay.length === 0) return ''
  const from = Math.min(...byDay.map(([, days]) => days[0]!.day))
  const to = Math.max(...byDay.map(([, days]) => days.at(-1)!.day))
  const step = daysPerColumn(from, to)
  const sections = byDay.map(([unit, days]) => unitSection(unit, days, columnsOf(days, from, to)))
  return `<section>
<h2>By day</h2>
<p>A day is one of ledger time, in UTC.${step > 1 ? ` A column of the charts is ${step} days.` : ''}${isFaulty ? ' Up to the first fault only.' : ''}</p>
${sections.join('\n')}
</section>`
}

function unitSection(unit: string, days: readonly DayFlows[], columns: readonly Column[]): string {
  const legend = SERIES.filter(({ flow }) => flow !== 'reversed' || days.some(({ reversed }) => reversed > 0)).map(
    ({ flow, isUp }) => `<span><i class="${flow}"></i>${flow} ${isUp ? '↑' : '↓'}</span>`,
  )
  const rows = days.map(({ day, issued, redeemed, expired, reversed, owed }) => [
    dayText(day),
    issued,
    redeemed,
    expired,
    reversed,
    owed,
  ])
  const head = ['day', 'issued', 'redeemed', 'expired', 'reversed', 'outstanding']
  return `<h3>${escaped(unit)}</h3>
<p class="legend">${legend.join('')}</p>
${flowsChart(columns, escaped(unit))}
<p class="legend"><span><i class="owed"></i>outstanding at the end of the day</span></p>
${owedChart(columns, escaped(unit))}
<details><summary>${days.length} ${days.length === 1 ? 'day' : 'days'} in figures</summary>
${figureTable(`days-${escaped(unit)}`, head, rows)}
</details>`
}

function rules(figures: Figures): string {
  const rows = figures.byRule()
  if (rows.length === 0) return ''
  const largest = Math.max(...rows.map(({ amount }) => amount))
  const bar = ({ amount }: Issued) =>
    `<svg class="share" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="issued" width="${((100 * amount) / largest).toFixed(1)}" height="10"/></svg>`
  const body = rows.map(
    row =>
      `<tr><td>${escaped(row.unit)}</td><td>${issuerText(row)}</td><td>${ruleText(row)}</td><td class="n">${numberText(row.transactions)}</td><td class="n">${numberText(row.amount)}</td><td>${bar(row)}</td></tr>`,
  )
  return `<section>
<h2>Who issued how much under which rule</h2>
<p>The issuer is the first key under a batch that is entitled to issue from that budget; the rule is the one that the entry names. What was reversed later is not deducted.</p>
<table id="rules"><thead><tr><th>unit</th><th>issuer</th><th>rule</th><th>transactions</th><th>issued</th><th></th></tr></thead>
<tbody>${body.join('\n')}</tbody></table>
</section>`
}

function rewards({ rewards }: AuditReport): string {
  if (rewards === undefined || rewards.rules.length === 0) return ''
  const { fromEntry, rules } = rewards
  const rows = rules.map(one => [
    one.rule === 0 ? 'none named' : `${one.name} (record ${one.rule})`,
    one.all.issues,
    one.all.points,
    one.evaluated.issues,
    one.evaluated.points,
    percent(one.evaluated.issues, one.all.issues),
    percent(one.evaluated.points, one.all.points),
    one.wrong.issues,
    whyNot(one),
  ])
  const head = ['rule', 'issues', 'points', 'computed', 'points', 'of issues', 'of points', 'wrong', 'not computed']
  return `<section>
<h2>Rewards computed again</h2>
<p>What an issue must be, by the published rule that it names and the details that it commits to.${fromEntry > 0 ? ` Of the entries from ${numberText(fromEntry)} on; those before, earlier audits replayed.` : ''} The sum of all: ${percent(rewards.evaluated.issues, rewards.all.issues)} of the issues, ${percent(rewards.evaluated.points, rewards.all.points)} of the points.${tiersText(rewards.tiers)}</p>
${figureTable('rewards', head, rows)}
</section>`
}

function tiersText({ all, evaluated, wrong }: NonNullable<AuditReport['rewards']>['tiers']): string {
  if (all === 0) return ''
  return ` Of ${numberText(all)} tiers that were set ${numberText(evaluated)} were computed again; ${numberText(wrong)} of these are wrong.`
}

function issuerText({ issuer, key }: Issued): string {
  return issuer === undefined ? 'all others' : `record ${issuer} <code title="${key}">${key.slice(0, 8)}</code>`
}

function ruleText({ issuer, rule, ruleName }: Issued): string {
  if (issuer === undefined) return 'all others'
  return rule === 0 ? 'none named' : `${escaped(ruleName)} (record ${rule})`
}

function list(title: string, id: string, items: readonly string[]): string {
  return `<section>\n<h2>${title}</h2>\n<ul id="${id}">${items.map(item => `<li>${escaped(item)}</li>`).join('\n')}</ul>\n</section>`
}

function checkedBy({ report, checkpoint, hasEarlier }: PageParts): string[] {
  const { entries, treeSize, transactions, seals, rewards } = report
  const signed = [
    'The checkpoint is signed by the log of the policy.',
    ...(checkpoint.witnesses.length === 0
      ? []
      : [`It is cosigned by ${checkpoint.witnesses.map(({ name }) => name).join(', ')}.`]),
  ]
  if (isCut(report))
    return [
      ...signed,
      `${numberText(entries)} of ${numberText(treeSize)} entries were replayed and follow from those before them. After the first that does not, nothing can be judged.`,
    ]
  return [
    ...signed,
    `Each of the ${numberText(entries)} entries follows from those before it: every batch is signed by keys that were valid, and the outcome of each of the ${numberText(transactions)} transactions, also of those refused, is the one that the rules make.`,
    `Each of the ${numberText(seals)} seals commits to the accounts, the registry and the totals that follow from the entries.`,
    'Every hash tile is the one that the entries make, and their root is the one of the checkpoint.',
    'Genesis names the origin and the log key of the policy.',
    ...(report.entriesBefore === 0
      ? []
      : [
          `Of the first ${numberText(report.entriesBefore)} entries this is what the audits before found; the state that they came to makes the seal there.`,
        ]),
    ...(hasEarlier ? ['The log grew out of the checkpoint that was audited before.'] : []),
    ...(rewards === undefined || rewards.evaluated.issues === 0
      ? []
      : [
          `What ${numberText(rewards.evaluated.issues)} issues must be was computed again, from the text of the rule that they name and the details that they commit to: ${percent(rewards.evaluated.issues, rewards.all.issues)} of the issues${rewards.fromEntry > 0 ? ` from entry ${numberText(rewards.fromEntry)} on` : ''}, ${percent(rewards.evaluated.points, rewards.all.points)} of their points.`,
        ]),
  ]
}

function uncheckedBy({ report: { rewards }, checkpoint, hasEarlier }: PageParts): string[] {
  return [
    ...(checkpoint.isWitnessed
      ? []
      : ['That everyone is shown the same log: the policy asks for no witness (no protection against split views).']),
    ...(hasEarlier ? [] : ['That the log continues what an earlier audit saw (none was given: --state).']),
    'That what earned the points happened: events are the platform’s word.',
    ...(rewards === undefined
      ? [
          'That the rules were applied as their texts say: no details were at hand to compute rewards again (--details).',
        ]
      : rewards.evaluated.issues < rewards.all.issues || rewards.fromEntry > 0
        ? ['That the rules were applied as their texts say to the other issues, and to those of earlier entries.']
        : []),
    'Redemptions and reversals that a rule speaks of: only issues are computed again.',
    'That all that was promised is in the log: promises are with those who were given them (tally watch --promise).',
    'How old the checkpoint is, and what came after it (tally watch --max-age).',
  ]
}
