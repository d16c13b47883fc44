import {
  AskedInVain,
  askWithToken,
  type FetchPages,
  type ServerQuestion,
  type ServerRefusal,
} from '../shell/ask-with-token.ts'

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

/** A person who is signed in. */
export interface StaffSession {
  readonly name: string
  readonly role: string
  /** What the person may do. */
  readonly scopes: readonly string[]
  readonly csrf: string
}

/** How people can sign in here. */
export interface SignInWays {
  readonly password: boolean
  readonly openid: { readonly title: string; readonly path: string } | null
}

/** As whom the gateway is asked: with a key, or as a person of the shop. */
export type ShopAccess = { readonly key: string } | StaffSession

/** A table of the ledger, of one checkpoint. */
export interface ShownReport {
  readonly name: string
  readonly says: string
  readonly rows: readonly Readonly<Record<string, string | number>>[]
  readonly treeSize: number
  readonly ledgerTime: string
  readonly faults: readonly { readonly code: string; readonly message: string }[]
}

/** What a member handed in. */
export interface ShownComplaint {
  readonly id: string
  readonly kind: string
  readonly says: string
  readonly at: string
  readonly deadline: string
  readonly overdue: boolean
  readonly about: string | null
  readonly answer: { readonly text: string; readonly upheld: boolean; readonly by: string } | null
}

/** What was done, and where it stands in the log. */
export interface ActDone {
  readonly points: number
  readonly entry: number
}

/** Movements of one page, and refusals. */
const MOVEMENTS = 100
const REFUSALS = 50

/** Asks the gateway that serves this page. None of what it answers is believed. */
export class ShopAsker {
  readonly #key: string | undefined
  readonly #person: StaffSession | undefined

  constructor(access: ShopAccess) {
    this.#key = 'key' in access ? access.key : undefined
    this.#person = 'key' in access ? undefined : access
  }

  /** Whether the person may do that; of a key, its refusal says so. */
  may(scope: string): boolean {
    return this.#person === undefined || this.#person.scopes.includes(scope)
  }

  /** Gives points, or corrects what she has. @param id - the act counts once under it. */
  act(kind: 'earn' | 'adjust', member: string, body: object): Promise<ActDone> {
    return kind === 'earn'
      ? this.#json('/v1/earn', { method: 'POST', json: { member, ...body } })
      : this.#json(`/v1/members/${path(member)}/adjust`, { method: 'POST', json: body })
  }

  /** Stops an account from spending, or lets it spend again. */
  freeze(member: string, unit: string, isFrozen: boolean): Promise<{ readonly entry: number | null }> {
    return this.#json(`/v1/members/${path(member)}/${isFrozen ? 'freeze' : 'unfreeze'}`, {
      ...{ method: 'POST', json: { unit } },
    })
  }

  /** A link by which she sees her points. */
  link(member: string, origin: string): Promise<{ readonly link: string }> {
    return this.#json(`/v1/members/${path(member)}/link`, { method: 'POST', json: { origin } })
  }

  reports(): Promise<{ readonly reports: readonly { readonly name: string; readonly says: string }[] }> {
    return this.#json('/v1/reports')
  }

  report(name: string): Promise<ShownReport> {
    return this.#json(`/v1/reports/${path(name)}`)
  }

  complaints(): Promise<{ readonly complaints: readonly ShownComplaint[] }> {
    return this.#json('/v1/complaints')
  }

  answerComplaint(id: string, text: string, upheld: boolean): Promise<ShownComplaint> {
    return this.#json(`/v1/complaints/${path(id)}/answer`, { method: 'POST', json: { text, upheld } })
  }

  async signOut(): Promise<void> {
    if (this.#person !== undefined) await this.bytes('/v1/session', { method: 'DELETE' })
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
    return this.#json<{ activities: readonly ShownActivity[]; next: number }>(question, { signal })
  }

  async #json<T>(question: string, asking?: ServerQuestion): Promise<T> {
    try {
      return JSON.parse(new TextDecoder().decode(await this.bytes(question, asking))) as T
    } catch (error) {
      if (error instanceof SyntaxError) throw new ShopAskError('refused')
      throw error
    }
  }

  /** The bytes behind a path. @throws ShopAskError; the reason of its signal. */
  async bytes(question: string, asking: ServerQuestion = {}): Promise<Uint8Array> {
    return given(await askWithToken(question, this.#key, { csrf: this.#person?.csrf, ...asking }))
  }
}

/** How people sign in, and who is signed in: neither, where the gateway is older or away. */
export async function whoIsHere(): Promise<{ ways: SignInWays; session: StaffSession | undefined }> {
  const none = { password: false, openid: null }
  const ways = jsonIn<SignInWays>(await askWithToken('/v1/session/ways', undefined)) ?? none
  if (!ways.password && ways.openid === null) return { ways, session: undefined }
  return { ways, session: jsonIn<StaffSession>(await askWithToken('/v1/session', undefined)) }
}

/** Signs a person in. @throws ShopAskError */
export async function signIn(name: string, password: string): Promise<StaffSession> {
  const answer = given(await askWithToken('/v1/session', undefined, { method: 'POST', json: { name, password } }))
  return JSON.parse(new TextDecoder().decode(answer)) as StaffSession
}

function jsonIn<T>(answer: Uint8Array | ServerRefusal): T | undefined {
  if (!(answer instanceof Uint8Array)) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(answer)) as T
  } catch {
    return undefined
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
