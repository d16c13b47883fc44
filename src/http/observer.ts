/** Is told what a server answers, for its operator: of what, not to whom. */
export interface Observer {
  /** A request was answered. @param route - its pattern, such as `/v1/accounts/:number`; `none` where there is none. */
  answered(method: string, route: string, status: number, seconds: number): void
  /** A batch was acknowledged, with these outcomes by position (SPEC §8). */
  judged(statuses: Iterable<number>): void
}
