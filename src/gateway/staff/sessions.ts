import { createHash, randomBytes } from 'node:crypto'
import { Rates } from '../../serving/index.ts'
import { type Memory, ordered } from '../memory.ts'
import type { Person, Staff } from './staff.ts'

/** How long a session stands, and how long one that nobody uses. */
const LASTS_MS = 12 * 3_600_000
const IDLE_MS = 2 * 3_600_000
/** After how long its last use is written again. */
const TOUCH_MS = 60_000
/** Requests a second of one session: a page asks several at once. */
const RATE = 50
/** How a token begins. */
const FORM = /^ts_[\w-]{43}$/

interface SessionRow {
  readonly name: string
  /** When role or password of the person had changed last. */
  readonly changed: string
  readonly madeMs: number
  readonly usedMs: number
}

/** A person who is signed in. */
export interface SignedIn {
  readonly person: Person
  /** What a request that changes something says again, in `x-tally-csrf`: pages of other sites cannot know it. */
  readonly csrf: string
  /** Until when at most, ms. */
  readonly untilMs: number
}

/** Who is signed in. The memory has the SHA-256 of each token, so that nobody who reads it is anybody. */
export class StaffSessions {
  readonly #memory: Memory
  readonly #staff: Staff
  readonly #rates = new Rates({ rate: RATE })

  constructor(memory: Memory, staff: Staff) {
    this.#memory = memory
    this.#staff = staff
  }

  /** Begins a session of a person. @returns its token, for a cookie and nobody else. */
  async begin(person: Person, nowMs: number): Promise<{ readonly token: string; readonly signedIn: SignedIn }> {
    const token = `ts_${randomBytes(32).toString('base64url')}`
    const row: SessionRow = { name: person.name, changed: person.changed, madeMs: nowMs, usedMs: nowMs }
    const old = await this.#memory.list('sessions', { before: ordered(Math.max(0, nowMs - LASTS_MS)), limit: 1000 })
    await this.#memory.write(
      [['sessions', keyOf(token, nowMs), row], ...old.map(([key]) => ['sessions', key, undefined] as const)],
      { sync: true },
    )
    return { token: `${token}.${ordered(nowMs)}`, signedIn: { person, csrf: csrfOf(token), untilMs: nowMs + LASTS_MS } }
  }

  /**
   * Whose session a token is of; undefined where it is over, was ended, or where the person's role or password changed
   * since, or the person was revoked.
   *
   * @param sent - untrusted.
   */
  async find(sent: string, nowMs: number): Promise<SignedIn | undefined> {
    const [token, at] = partsOf(sent)
    if (token === undefined) return undefined
    const key = `${at} ${hashOf(token)}`
    const row = await this.#memory.get<SessionRow>('sessions', key)
    if (row === undefined || nowMs >= row.madeMs + LASTS_MS || nowMs >= row.usedMs + IDLE_MS) return undefined
    const person = await this.#staff.find(row.name, nowMs)
    if (person === undefined || person.changed !== row.changed) return undefined
    // Where that cannot be written, the session ends sooner for want of use, and nothing else is lost.
    if (nowMs - row.usedMs >= TOUCH_MS)
      await this.#memory.write([['sessions', key, { ...row, usedMs: nowMs }]]).catch(() => {})
    return { person, csrf: csrfOf(token), untilMs: row.madeMs + LASTS_MS }
  }

  /** Counts a request of a person; returns in how many seconds the next is taken where there were too many. */
  take({ name }: Person, nowMs: number): number {
    return this.#rates.take(name, nowMs)
  }

  /** Ends a session, at once. @param sent - untrusted. */
  async end(sent: string): Promise<void> {
    const [token, at] = partsOf(sent)
    if (token !== undefined)
      await this.#memory.write([['sessions', `${at} ${hashOf(token)}`, undefined]], { sync: true })
  }
}

/** A token is a secret, and when it was made: rows stand in that order, so that old ones are found and go. */
function partsOf(sent: string): readonly [token: string, at: string] | readonly [undefined, undefined] {
  const [token = '', at = '', ...rest] = sent.split('.')
  return FORM.test(token) && /^[0-9a-z]{11}$/.test(at) && rest.length === 0 ? [token, at] : [undefined, undefined]
}

function keyOf(token: string, madeMs: number): string {
  return `${ordered(madeMs)} ${hashOf(token)}`
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function csrfOf(token: string): string {
  return createHash('sha256').update(`csrf ${token}`).digest('base64url')
}
