import type { Evaluation } from '../../src/programmes/index.ts'

const QUARTER_MS = 900_000
const shown = (quarter: number) => new Date(quarter * QUARTER_MS).toISOString().replace(':00.000Z', 'Z')

/** An evaluation as the worked examples say it, without or with the dates of lots. */
export function said(found: Evaluation, unit: string, withDates: boolean): string {
  if (found.status !== 'taken') return found.status
  const issues = found.issues.map(({ rule, due, cuts, matures, expires }) => {
    const cut = cuts.map(({ cap, cut: points }) => `, cut ${points} by \`${cap}\``).join('')
    const dates = `${matures ? `, ripe ${shown(matures)}` : ''}${expires ? `, until ${shown(expires)}` : ''}`
    return `\`${rule.id}\` ${due}${rule.unit === unit ? '' : ` ${rule.unit}`}${cut}${withDates ? dates : ''}`
  })
  const backs = found.backs.map(
    ({ rule, due }) => `back \`${rule.id}\` ${due}${rule.unit === unit ? '' : ` ${rule.unit}`}`,
  )
  const { tier } = found
  const tiers =
    tier === undefined ? [] : [`tier ${tier.id || 'none'}${tier.until ? ` until ${shown(tier.until)}` : ''}`]
  const parts = [...issues, ...backs, ...tiers]
  if (issues.length + backs.length > 0) return parts.join('; ')
  return found.nothing
    .map(({ rule, reverses, why }) => `nothing: ${rule ? `\`${rule}\`` : `back \`${reverses}\``} ${why}`)
    .join('; ')
}
