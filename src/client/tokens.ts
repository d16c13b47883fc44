import type { SigningKey } from './key.ts'
import { makeToken } from './token.ts'

/** A token is sent for so long, and lives for a minute more. */
const TOKEN_MS = 240_000

/** The tokens that a client made, each sent until another is due. */
export class Tokens {
  readonly #made = new Map<string, { readonly token: Promise<string>; readonly madeMs: number }>()

  /** The header of a request about `subject`, by a key. SPEC §11. */
  async header(key: SigningKey, subject: string, ledgerId: Uint8Array): Promise<Record<string, string>> {
    const name = `${JSON.stringify(key.holder)} ${subject}`
    let kept = this.#made.get(name)
    if (kept === undefined || Date.now() - kept.madeMs > TOKEN_MS) {
      kept = { token: makeToken(key, ledgerId, subject), madeMs: Date.now() }
      this.#made.set(name, kept)
    }
    return { authorization: `Bearer ${await kept.token}` }
  }
}

/** The widest subject of a token of a key: an owner's own account, or all that a key of the registry may read. */
export function widestSubject(key: SigningKey | undefined): string {
  return key !== undefined && 'account' in key.holder ? `account/${key.holder.account}` : 'ledger'
}

/** The subject of a token for one account: an owner's for that, a registry key's for all that it may read. */
export function subjectOf(key: SigningKey | undefined, account: number): string {
  return key !== undefined && 'account' in key.holder ? `account/${account}` : 'ledger'
}
