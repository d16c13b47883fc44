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
export type FetchPages = (question: string, token: string) => Promise<Uint8Array | ServerRefusal>

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
  signal?: AbortSignal,
): Promise<Uint8Array | ServerRefusal> {
  let answer: Response
  try {
    answer = await fetch(path, {
      cache: 'no-store',
      ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
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
