import { type Memory, ordered } from '../memory.ts'

/** That somebody looked at something of a member. */
export interface StaffLook {
  /** RFC 3339. */
  readonly at: string
  /** Name of the key of the API, or `@` and that of the person. */
  readonly key: string
  /** The method, and the path with names in place of ids. */
  readonly what: string
  /** Whose; null of a list of many. */
  readonly member: string | null
  readonly order?: string
}

/** How long it is kept, and how often what is older is looked for. */
const KEPT_MS = 400 * 86_400_000
const SWEEP_MS = 3_600_000
const PAGE = 1000

/** What staff looked at: a row for each answer that had something of a member in it. */
export class Looks {
  readonly #memory: Memory
  #number = 0
  #sweptMs = 0

  constructor(memory: Memory) {
    this.#memory = memory
  }

  /** Notes a look; waits for nothing. */
  note(atMs: number, look: Omit<StaffLook, 'at'>): void {
    const key = `${ordered(atMs)} ${ordered(this.#number++)}`
    const row: StaffLook = { at: new Date(atMs).toISOString(), ...look }
    void this.#memory.write([['looks', key, row]]).catch(() => {})
    if (atMs - this.#sweptMs < SWEEP_MS) return
    this.#sweptMs = atMs
    void this.#sweep(atMs).catch(() => {})
  }

  async #sweep(nowMs: number): Promise<void> {
    const old = await this.#memory.list('looks', { before: ordered(Math.max(0, nowMs - KEPT_MS)), limit: 10 * PAGE })
    if (old.length > 0) await this.#memory.write(old.map(([key]) => ['looks', key, undefined] as const))
  }

  /**
   * Looks, the newest first.
   *
   * @param cursor - `next` of the page before.
   */
  async page(
    { member, key }: { readonly member?: string | undefined; readonly key?: string | undefined },
    limit: number,
    cursor?: string,
  ): Promise<{ looks: StaffLook[]; next: string | null }> {
    const looks: StaffLook[] = []
    let before = cursor
    for (;;) {
      const span = { reverse: true, limit: PAGE, ...(before === undefined ? {} : { before }) }
      const rows = await this.#memory.list<StaffLook>('looks', span)
      for (const [at, look] of rows) {
        before = at
        if ((member !== undefined && look.member !== member) || (key !== undefined && look.key !== key)) continue
        looks.push(look)
        if (looks.length === limit) return { looks, next: at }
      }
      if (rows.length < PAGE) return { looks, next: null }
    }
  }

  /** Puts a mark in the place of a member's id. */
  async rename(member: string, mark: string): Promise<void> {
    let after = ''
    for (;;) {
      const rows = await this.#memory.list<StaffLook>('looks', { after, limit: PAGE })
      const hers = rows.filter(([, look]) => look.member === member)
      if (hers.length > 0)
        await this.#memory.write(hers.map(([key, look]) => ['looks', key, { ...look, member: mark }] as const))
      if (rows.length < PAGE) return
      after = rows.at(-1)![0]
    }
  }
}
