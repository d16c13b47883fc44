import type { Verdict } from './verdict.ts'

/** What to do about a file that does not hold: at most three things, by their names in the table of words. */
export function adviceOn({ code = '', kind, tone }: Pick<Verdict, 'code' | 'kind' | 'tone'>): readonly string[] {
  if (code === 'unknown-log') return ['policy', 'again']
  if (code === 'quorum') return ['wait', 'policy', 'show']
  if (code === 'stale') return ['fresh', 'show']
  if (code === 'needs-replay') return ['auditor']
  if (code === 'needs-observer') return ['watch', 'auditor']
  if (code === 'batch-version' || code === 'seal-version') return ['newPage']
  if (/^wrong-/.test(code)) return ['card', 'again', 'show']
  if (/-signature$/.test(code) && kind !== 'statement') return ['again', 'policy', 'keep']
  if (tone === 'half') return ['form', 'again']
  return ['again', 'keep', 'show']
}
