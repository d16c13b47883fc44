import { concatBytes } from '../core/bytes.ts'

/** The answer of a witness to an `add-checkpoint` request (c2sp.org/tlog-witness). */
export interface CosignAnswer {
  readonly status: number
  readonly contentType: string
  /** Untrusted. */
  readonly body: Uint8Array
}

/**
 * Sends an `add-checkpoint` request to the witness with submission prefix `url`.
 *
 * @throws Error when there is no answer, also none before `signal`.
 */
export async function addCheckpoint(url: string, body: Uint8Array, signal: AbortSignal): Promise<CosignAnswer> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/add-checkpoint`, {
    method: 'POST',
    signal,
    redirect: 'error',
    body: body as Uint8Array<ArrayBuffer>,
  })
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    body: await readBounded(response),
  }
}

/** Bytes of the longest answer that is read. */
const ANSWER_BYTES_MAX = 16 * 1024

async function readBounded(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    parts.push(part)
    length += part.length
    if (length > ANSWER_BYTES_MAX) throw new Error(`its answer is longer than ${ANSWER_BYTES_MAX} bytes`)
  }
  return concatBytes(...parts)
}
