/** A request, whole. */
export interface Request {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  /** Longest wait for the whole answer. */
  readonly timeoutMs: number
}

/** An answer, whole, whatever its status. */
export interface Carried {
  readonly status: number
  readonly bytes: Uint8Array
}

/** Brings a request to its answer. Throws where there was none; `cause` then says why, if there is one. */
export type Carry = (request: Request) => Promise<Carried>

/** By `fetch`: runs in Node and in browsers. */
export const carryByFetch: Carry = async ({ url, method, headers, body, timeoutMs }) => {
  const response = await fetch(url, {
    method,
    headers,
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
  })
  return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }
}
