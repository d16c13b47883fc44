/** Why a page has not what it asked for, and what the server said, in its own words. */
export class AskedInVain<T extends string> extends Error {
  readonly trouble: T
  readonly said: string | undefined

  constructor(trouble: T, said?: string) {
    super(said ?? trouble)
    this.trouble = trouble
    this.said = said
  }
}

/** What a server answers instead of what was asked; `status` is 0 where it cannot be reached. */
export interface ServerRefusal {
  readonly status: number
  readonly code: unknown
  readonly said: string | undefined
}

/** `fetchStatement`, in a thread that has what it takes. */
export type FetchPages = (question: string, token: string | undefined) => Promise<Uint8Array | ServerRefusal>

/** How it is asked, where it is more than a look. */
export interface ServerQuestion {
  readonly signal?: AbortSignal | undefined
  readonly method?: string
  /** What is sent, as JSON. */
  readonly json?: unknown
  /** Of a session: shows that a page of this server asks. */
  readonly csrf?: string | undefined
}

/**
 * Asks the server that the page came from, with a token or a key where there is one. It goes in a header, and
 * so into no address that a server writes down. `askHere` is for what everyone may see.
 *
 * @returns the bytes, of which none are believed; or why there are none.
 * @throws the reason of `signal`, where that ended it.
 */
export async function askWithToken(
  path: string,
  token: string | undefined,
  { signal, method = 'GET', json, csrf }: ServerQuestion = {},
): Promise<Uint8Array | ServerRefusal> {
  let answer: Response
  try {
    answer = await fetch(path, {
      cache: 'no-store',
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(csrf === undefined ? {} : { 'x-tally-csrf': csrf }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(signal === undefined ? {} : { signal }),
    })
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer())
  } catch (error) {
    if (signal?.aborted) throw error
    return { status: 0, code: undefined, said: undefined }
  }
  const { code, detail } = await problemOf(answer)
  return { status: answer.status, code, said: typeof detail === 'string' ? detail : undefined }
}

async function problemOf(answer: Response): Promise<{ code?: unknown; detail?: unknown }> {
  try {
    return ((await answer.json()) as object | null) ?? {}
  } catch {
    return {}
  }
}
