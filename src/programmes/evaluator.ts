/** What an issue must be by its rule. */
export interface Due {
  /** Names what the points are for; nothing is rewarded twice under one rule. */
  readonly event: string
  /** Names what the rule counts it together with, such as all of one member and day: without those it can come out larger. */
  readonly together?: string
  /** Points; 0 where the rule gives nothing. */
  readonly amount: number
  /** Hours since 1970 in which they mature and expire, where the rule says. */
  readonly matures?: number
  readonly expires?: number
}

/** A published rule, applied again by someone who has what the issues under it commit to. */
export interface Evaluator {
  /**
   * What an issue must be. Asked in the order of the log, of each issue of the rule whose details are at hand; whichever
   * others there are, what it answers is never less than the rule gives.
   *
   * @param text - untrusted: the details of the issue. @param account - which it credits.
   * @returns undefined where the text is not one that the rule can be applied to.
   */
  due(text: string, account: number): Due | undefined
}
