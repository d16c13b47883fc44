import { table } from './screen.ts'

/** What a verification found, for people as a table and for machines as JSON. */
export interface Finding {
  readonly what: string
  /** Names and values, in the order of reading. */
  readonly facts: Readonly<Record<string, string | number>>
  /** What holds, and is not to be overlooked. */
  readonly warnings?: readonly string[]
  /** What was checked and holds. */
  readonly checked: readonly string[]
  /** What nobody checked here, and how it could be. */
  readonly unchecked: readonly string[]
  readonly lines?: readonly (readonly (string | number)[])[]
  /** For machines: the same lines, and who may act for an account. */
  readonly entries?: readonly object[]
  readonly who?: object
  /** Of evidence, and of a refusal that shows it: the promise that the operator broke, and what that means. */
  readonly broken?: string
  readonly means?: string
}

/** A finding for machines: lines as objects where there are some. */
export function findingJson({ lines, entries, ...finding }: Finding): object {
  const rows = entries ?? lines
  return { ...finding, ...(rows === undefined ? {} : { lines: rows }) }
}

/** A finding for people. @param file - what it is about. */
export function showFinding(
  file: string,
  { what, facts, warnings = [], checked, unchecked, lines, broken, means }: Finding,
): string {
  const rows = Object.entries(facts).map(([name, value]) => ['', name, String(value)])
  const head =
    broken === undefined
      ? ''
      : `The operator of the log broke this promise:\n\n  ${broken}\n\nWhat it means: ${means}\n\n`
  const parts = [`${file}: the ${what} HOLDS\n\n`, head, table(rows)]
  if (warnings.length > 0) parts.push('\nMind:\n', ...warnings.map(text => `  ! ${text}\n`))
  parts.push('\nChecked:\n', ...checked.map(text => `  + ${text}\n`))
  if (unchecked.length > 0) parts.push('Not checked:\n', ...unchecked.map(text => `  - ${text}\n`))
  if (lines !== undefined) parts.push('\n', table(lines.map(line => ['', ...line])))
  return parts.join('')
}
