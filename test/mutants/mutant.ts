/** A mistake in one rule, as a change of the text of one file. */
export interface Mutant {
  /** Below `src`. */
  readonly file: string
  /** Stands in the file once. */
  readonly before: string
  readonly after: string
  /** What it gets wrong. */
  readonly wrong: string
}

/** Mistakes in one file: each what stands there, what stands there instead, and what that gets wrong. */
export function mistakes(
  file: string,
  ...list: readonly (readonly [before: string, after: string, wrong: string])[]
): Mutant[] {
  return list.map(([before, after, wrong]) => ({ file, before, after, wrong }))
}
