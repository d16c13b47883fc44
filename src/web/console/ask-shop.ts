import { AskedInVain, askWithToken, type FetchPages, type ServerRefusal } from '../shell/ask-with-token.ts'

/** Why the gateway does not give what was asked. */
export type ShopTrouble = 'key' | 'scope' | 'unknown' | 'offline' | 'noShop' | 'refused'

/** The gateway does not give what was asked. */
export class ShopAskError extends AskedInVain<ShopTrouble> {}

/** What a member has in a unit, as the gateway says it. */
export interface ShownBalance {
  readonly account: number
  readonly status: string
  readonly balance: number
  readonly available: number
  readonly pending: number
  readonly held: number
  readonly expiring: readonly { readonly at: string; readonly points: number }[]
}

/** Something that happened to her points. */
export interface ShownMovement {
  readonly number: number
  readonly entry: number
  readonly at: string
  readonly kind: string
  readonly points: number
  readonly balance: number
  readonly held: number
  readonly lots: readonly {
    readonly matures: string | null
    readonly expires: string | null
    readonly points: number
  }[]
  readonly rule: string | null
  readonly order: string | null
  readonly reason: string | null
}

/** Something that the ledger refused of her, and what she had then. */
export interface ShownRefusal {
  readonly entry: number
  readonly at: string
  readonly kind: string
  readonly outcome: string
  readonly points: number | null
  readonly order: string | null
  readonly had: {
    readonly balance: number
    readonly available: number
    readonly pending: number
    readonly held: number
  }
}

/** Something that happened to anyone. */
export interface ShownActivity {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly entry: number
  readonly member: string | null
  readonly unit: string | null
  readonly movement: ShownMovement | null
}

/** Movements of one page, and refusals. */
const MOVEMENTS = 100
const REFUSALS = 50

/** The gateway that serves this page, asked with one of its keys. None of what it answers is believed. */
export class ShopAsker {
  readonly #key: string

  constructor(key: string) {
    this.#key = key
  }

  /** By the name of each unit. @throws ShopAskError, `unknown` of nobody. */
  async units(member: string): Promise<Readonly<Record<string, ShownBalance>>> {
    const { units } = await this.#json<{ units: Record<string, ShownBalance> }>(`/v1/members/${path(member)}`)
    return units
  }

  /** The newest first. */
  movements(
    member: string,
    unit: string,
    cursor?: string,
  ): Promise<{ readonly movements: readonly ShownMovement[]; readonly next: string | null }> {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
    return this.#json(
      `/v1/members/${path(member)}/movements?unit=${encodeURIComponent(unit)}&limit=${MOVEMENTS}${more}`,
    )
  }

  /** The newest first, below an entry of the log or its end. */
  refused(
    member: string,
    unit: string,
    before?: number,
  ): Promise<{ readonly refused: readonly ShownRefusal[]; readonly from: number }> {
    const more = before === undefined ? '' : `&before=${before}`
    return this.#json(`/v1/members/${path(member)}/refused?unit=${encodeURIComponent(unit)}&limit=${REFUSALS}${more}`)
  }

  /** Her statement, her card, and the policy that the ledger proposes: for this browser to verify. */
  async proof(
    member: string,
    unit: string,
    fetchPages: FetchPages,
  ): Promise<{ statement: Uint8Array; card: Uint8Array | undefined; policy: Uint8Array }> {
    const of = `/v1/members/${path(member)}`
    const query = `?unit=${encodeURIComponent(unit)}`
    const [statement, card, policy] = await Promise.all([
      fetchPages(`${of}/statement${query}`, this.#key).then(given),
      this.bytes(`${of}/card${query}`).catch(() => undefined),
      this.bytes('/policy'),
    ])
    return { statement, card, policy }
  }

  /** What happened since an entry of the log, waiting some seconds for something. */
  activity(after: number, waitS: number, limit: number, signal: AbortSignal) {
    const question = `/v1/activity?after=${after}&limit=${limit}&wait=${waitS}`
    return this.#json<{ activities: readonly ShownActivity[]; next: number }>(question, signal)
  }

  async #json<T>(question: string, signal?: AbortSignal): Promise<T> {
    try {
      return JSON.parse(new TextDecoder().decode(await this.bytes(question, signal))) as T
    } catch (error) {
      if (error instanceof SyntaxError) throw new ShopAskError('refused')
      throw error
    }
  }

  /** The bytes behind a path. @throws ShopAskError; the reason of `signal`. */
  async bytes(question: string, signal?: AbortSignal): Promise<Uint8Array> {
    return given(await askWithToken(question, this.#key, signal))
  }
}

/** What was answered. @throws ShopAskError where it is nothing. */
function given(answer: Uint8Array | ServerRefusal): Uint8Array {
  if (answer instanceof Uint8Array) return answer
  const { status, code, said } = answer
  if (status === 401) throw new ShopAskError('key', said)
  if (status === 403) throw new ShopAskError('scope', said)
  if (code === 'member-unknown') throw new ShopAskError('unknown', said)
  if (status === 404) throw new ShopAskError('noShop', said)
  throw new ShopAskError(status === 0 || status === 503 ? 'offline' : 'refused', said)
}

const path = encodeURIComponent
