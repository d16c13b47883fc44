/** A tier that an account has by a rule (SPEC §6). */
export interface Status {
  /** Record of the rule. */
  readonly rule: number
  /** 1 and up, as the rule has them. */
  readonly tier: number
  /** Until when, 0 for no end. */
  readonly until: number
}

/** Whether an end that may be 0, for none, has come. */
export function isOver({ until }: { readonly until: number }, atMs: number): boolean {
  return until !== 0 && until <= atMs
}

/** With a tier in place of the one by the same rule, 0 for none; those whose time is over are gone. SPEC §6. */
export function withTier(statuses: readonly Status[], { rule, tier, until }: Status, atMs: number): readonly Status[] {
  const others = statuses.filter(one => one.rule !== rule && !isOver(one, atMs))
  return tier === 0 ? others : [...others, { rule, tier, until }]
}
