import { createHash, randomBytes } from 'node:crypto'
import { Rates } from '../serving/index.ts'
import type { Memory } from './memory.ts'

/** How the token of a link begins: no key of the API does. */
const PREFIX = 'tl_'
const FORM = /^tl_[\w-]{32}$/
/** Requests a second of one link: a page asks four at once. */
const RATE = 10
/** Links whose rate is counted: those that were used last. */
const COUNTED_MAX = 10_000

/** Whether a secret is the token of a link by its form. @param secret - untrusted. */
export function isLinkToken(secret: string): boolean {
  return FORM.test(secret)
}

/**
 * Links that a shop hands to its members: anyone who has one reads what that member has, and does nothing. The memory
 * has the SHA-256 of each token, which has 192 random bits, and so nobody who reads it can use one.
 */
export class Links {
  readonly #memory: Memory
  readonly #rates = new Rates({ rate: RATE, kept: COUNTED_MAX })

  constructor(memory: Memory) {
    this.#memory = memory
  }

  /** Makes a link of a member. @returns its token, which is shown this once. */
  async make(member: string): Promise<string> {
    const token = PREFIX + randomBytes(24).toString('base64url')
    const hash = hashOf(token)
    const rows = [['links', hash, member] as const, ['linksOf', `${member}\u0000${hash}`, true] as const]
    await this.#memory.write(rows, { sync: true })
    return token
  }

  /** Takes back all links of a member, at once and for good. @returns how many there were. */
  async revoke(member: string): Promise<number> {
    const found = await this.#memory.list('linksOf', { after: `${member}\u0000`, before: `${member}\u0001` })
    const rows = found.flatMap(([key]) => [
      ['links', key.slice(member.length + 1), undefined] as const,
      ['linksOf', key, undefined] as const,
    ])
    if (rows.length > 0) await this.#memory.write(rows, { sync: true })
    return found.length
  }

  /** Whose link it is; undefined where it is none that stands. @param token - untrusted. */
  async find(token: string): Promise<string | undefined> {
    return isLinkToken(token) ? this.#memory.get<string>('links', hashOf(token)) : undefined
  }

  /** Counts a request of a link; returns in how many seconds the next is taken where it has made too many. */
  take(token: string, nowMs: number): number {
    return this.#rates.take(token, nowMs)
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
