import { AskedInVain, askWithToken, type FetchPages, type ServerRefusal } from '../shell/ask-with-token.ts'

/** Why there is nothing to show. */
export type MineTrouble = 'noLink' | 'revoked' | 'offline' | 'notYet' | 'noShop' | 'refused'

/** The server does not give what was asked. */
export class MineError extends AskedInVain<MineTrouble> {}

/** What the server gives for a link: none of it is believed. */
export interface Mine {
  readonly units: readonly string[]
  readonly unit: string
  readonly statement: Uint8Array
  /** Undefined where the server has none, for a statement that it does not believe itself. */
  readonly card: Uint8Array | undefined
  readonly policy: Uint8Array | undefined
}

/** The token of a link; undefined where the address has none. @param hash - untrusted, such as `#tl_…`. */
export function tokenOf(hash: string): string | undefined {
  return /^#(tl_[\w-]{32})$/.exec(hash)?.[1]
}

/**
 * Fetches what a link is for. The token goes in a header, and so into no address that a server writes down.
 *
 * @param unit - its name; the first of hers by default.
 * @param fetchPages - fetches the statement, page by page.
 * @throws MineError
 */
export async function fetchMine(token: string, unit: string | undefined, fetchPages: FetchPages): Promise<Mine> {
  const [listed, policy] = await Promise.all([ask('/v1/mine', token), ask('/policy', undefined).catch(() => undefined)])
  const units = unitsOf(listed)
  const chosen = units.find(one => one === unit) ?? units[0]
  if (chosen === undefined) throw new MineError('notYet')
  const query = `?unit=${encodeURIComponent(chosen)}`
  const [statement, card] = await Promise.all([
    fetchPages(`/v1/mine/statement${query}`, token).then(given),
    ask(`/v1/mine/card${query}`, token).catch(() => undefined),
  ])
  return { units, unit: chosen, statement, card, policy }
}

/** The details of a commitment of hers (hex), as the shop shows them. @throws MineError */
export function fetchDetails(token: string, commitment: string): Promise<Uint8Array> {
  return ask(`/v1/mine/details/${commitment}`, token)
}

const NOT_YET: ReadonlySet<unknown> = new Set(['not-published', 'no-such-account', 'member-unknown'])

async function ask(path: string, token: string | undefined): Promise<Uint8Array> {
  return given(await askWithToken(path, token))
}

/** What was answered. @throws MineError where it is nothing. */
function given(answer: Uint8Array | ServerRefusal): Uint8Array {
  if (answer instanceof Uint8Array) return answer
  const { status, code, said } = answer
  if (status === 401) throw new MineError('revoked')
  if (NOT_YET.has(code)) throw new MineError('notYet')
  if (status === 404) throw new MineError('noShop')
  throw new MineError(status === 0 || status === 503 ? 'offline' : 'refused', said)
}

/** The names of units in an answer of the server. @param bytes - untrusted. */
function unitsOf(bytes: Uint8Array): string[] {
  try {
    const { units } = JSON.parse(new TextDecoder().decode(bytes)) as { units: object }
    return Object.keys(units)
  } catch {
    throw new MineError('refused')
  }
}
