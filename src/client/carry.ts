/** A request, whole. */
export interface Request {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Longest wait for the whole answer, and for those to which it leads. */
  readonly timeoutMs: number
  /** Bytes of the longest answer that is taken, once it is unpacked. */
  readonly maxBytes: number
}

/** An answer, whole, whatever its status. */
export interface Carried {
  readonly status: number
  readonly bytes: Uint8Array
  /** Where a redirect leads. Untrusted. */
  readonly location?: string | undefined
}

/**
 * Brings a request to its answer. Throws where there was none; `cause` then says why, if there is one.
 * `AnswerBoundError` where there was one that is not taken: nobody asks again for that.
 */
export type Carry = (request: Request) => Promise<Carried>

/** There was an answer, and it is longer than it may be, or leads elsewhere. */
export class AnswerBoundError extends Error {
  override readonly name = 'AnswerBoundError'
}

/** The bytes of an answer as they come, and no more than it may have: the one place where answers are read. */
export class AnswerBytes {
  readonly #max: number
  readonly #parts: Uint8Array[] = []
  #length = 0

  constructor(max: number) {
    this.#max = max
  }

  /** @throws AnswerBoundError, before more than that is held. */
  add(part: Uint8Array): void {
    this.#length += part.length
    if (this.#length > this.#max) throw new AnswerBoundError(`its answer has more than ${this.#max} bytes`)
    this.#parts.push(part)
  }

  /** All of them as one plain array: the `slice` of a Buffer does not copy, and nothing further in is to know. */
  whole(): Uint8Array {
    const [first, ...more] = this.#parts
    if (first === undefined) return new Uint8Array(0)
    if (more.length === 0) return new Uint8Array(first.buffer, first.byteOffset, first.length)
    const bytes = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      bytes.set(part, at)
      at += part.length
    }
    return bytes
  }
}

/** The bytes of a response, unpacked as they come. @throws AnswerBoundError. */
export async function bytesOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  const bytes = new AnswerBytes(maxBytes)
  const reader = response.body?.getReader()
  try {
    for (let read = await reader?.read(); read?.done === false; read = await reader!.read()) bytes.add(read.value)
  } catch (error) {
    await reader!.cancel().catch(() => {})
    throw error
  }
  return bytes.whole()
}

const REDIRECTS = [301, 302, 303, 307, 308]
/** Redirects that are followed, one after another. */
const REDIRECTS_MAX = 3

/**
 * Follows redirects of what is read, as far as they stay with the server that was asked: what is sent to it, a token
 * among that, is for it alone. Each answer on the way is bounded as the last one, and all of them by the time of one.
 *
 * @throws AnswerBoundError where a redirect leads to another server, or there are more than three; of what is sent.
 *
 * @example
 * const carry = following(async ({ url, headers }) => {
 *   const response = await fetch(url, { headers, redirect: 'manual' })
 *   return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }
 * })
 */
export function following(once: Carry): Carry {
  return async request => {
    const { origin } = new URL(request.url)
    const untilMs = performance.now() + request.timeoutMs
    let url = request.url
    for (let left = REDIRECTS_MAX; ; left--) {
      const timeoutMs = Math.max(1, Math.ceil(untilMs - performance.now()))
      const carried = await once({ ...request, url, timeoutMs })
      if (!REDIRECTS.includes(carried.status)) return carried
      const next = URL.parse(carried.location ?? '', url)
      if (next === null || request.method !== 'GET' || left === 0)
        throw new AnswerBoundError(`it answered ${carried.status}, which leads to no answer`)
      if (next.origin !== origin) throw new AnswerBoundError(`it leads to another server, ${next.origin}`)
      url = next.href
    }
  }
}

/** By `fetch`: runs in Node and in browsers. */
export const carryByFetch: Carry = following(async ({ url, method, headers, body, timeoutMs, maxBytes }) => {
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
  })
  const { status } = response
  return { status, bytes: await bytesOf(response, maxBytes), location: response.headers.get('location') ?? undefined }
})
