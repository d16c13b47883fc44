import { join } from 'node:path'
import { Option } from 'commander'
import { ClientError, errorFrom } from '../../src/client/failure.ts'
import { Wire } from '../../src/client/wire.ts'
import { utf8Decode, utf8Encode } from '../../src/core/bytes.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists, readBytes } from '../../src/node/file-system.ts'
import { DEFAULT_DATA, DEFAULT_URL } from './options.ts'
import { ledgerUrl } from './session.ts'

/** Where a gateway is, and what it is asked with. */
export interface GatewayRemote {
  readonly url: string
  readonly data: string
  readonly apiKey?: string
  readonly json?: boolean
}

/** The options of every command that asks a gateway. */
export function gatewayOptions(): Option[] {
  return [
    new Option('--url <url>', 'the gateway; that of `tally serve --gateway` has the address of its ledger').default(
      DEFAULT_URL,
    ),
    new Option('--data <dir>', 'where `tally serve --gateway` made the first key').default(DEFAULT_DATA),
    new Option(
      '--api-key <file>',
      'a file with a key of `tally gateway key add`; by default gateway/first.key in --data',
    ),
    new Option('--json', 'print JSON'),
  ]
}

/** What is asked of a gateway, beside its path. */
interface GatewayAsked {
  readonly method?: string
  readonly body?: object
  /** Rows of a file, in place of JSON. */
  readonly csv?: Uint8Array
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** The name under which it counts once, as `--once` has it. */
  readonly once?: string
}

const ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** Asks a gateway with a key of its API. */
export class GatewayCall {
  readonly #wire: Wire
  readonly #key: string

  private constructor(wire: Wire, key: string) {
    this.#wire = wire
    this.#key = key
  }

  /** @throws UsageError `url`, `key-missing`, `key-file`. */
  static async open({ url, data, apiKey }: GatewayRemote): Promise<GatewayCall> {
    const path = apiKey ?? join(data, 'gateway', 'first.key')
    if (apiKey === undefined && !(await fileExists(path)))
      throw new UsageError(
        'key-missing',
        `There is no ${path}. Make a key, and name its file: tally gateway key add desk > desk.key; --api-key desk.key`,
      )
    const key = utf8Decode(await readBytes(path)).trim()
    if (!/^[\w-]{1,128}$/.test(key))
      throw new UsageError('key-file', `${path} is no key of a gateway, which \`tally gateway key add\` prints.`)
    return new GatewayCall(new Wire({ url: ledgerUrl(url) }), key)
  }

  /**
   * What the gateway answers.
   *
   * @throws ClientError with its code where it does not do it; `http` where it answers no JSON.
   */
  async ask<T>(path: string, asked: GatewayAsked = {}): Promise<T> {
    const answer = await this.bytes(path, asked)
    try {
      return JSON.parse(utf8Decode(answer)) as T
    } catch (error) {
      throw new ClientError('http', `${this.#wire.url}${path} does not answer as a gateway does`, 0, { cause: error })
    }
  }

  /** The bytes of what the gateway answers, such as a file. @throws ClientError as `ask`. */
  bytes(path: string, { method, body, csv, query = {}, once }: GatewayAsked = {}): Promise<Uint8Array> {
    const asked = new URLSearchParams(
      Object.entries(query).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as [string, string]],
      ),
    )
    const type = csv === undefined ? 'application/json' : 'text/csv'
    const sent = csv ?? (body === undefined ? undefined : utf8Encode(JSON.stringify(body)))
    return this.#wire
      .bytes(`${path}${asked.size === 0 ? '' : `?${asked}`}`, {
        headers: {
          ...{ authorization: `Bearer ${this.#key}`, accept: 'application/json' },
          ...(sent === undefined ? {} : { 'content-type': type }),
        },
        ...(sent === undefined ? {} : { body: sent }),
        ...(method === undefined ? {} : { method }),
        maxBytes: ANSWER_BYTES_MAX,
        errorOf: errorFrom,
      })
      .catch((error: unknown) => {
        const isAct = sent !== undefined || (method !== undefined && method !== 'GET')
        throw isAct && error instanceof ClientError && isUnanswered(error) ? lost(error, once) : error
      })
  }

  /** All rows of a list that comes in pages, one after another. */
  async *all<T>(path: string, name: string, query: GatewayAsked['query'] = {}): AsyncGenerator<T> {
    let cursor: string | undefined
    do {
      const page = await this.ask<Record<string, T[]> & { next: string | null }>(path, {
        query: { limit: 1000, ...query, cursor },
      })
      yield* page[name]!
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
  }
}

/** Whether nobody knows what became of what was asked: no answer, or the gateway says that it has none itself. */
function isUnanswered({ status, code }: ClientError): boolean {
  return status === 0 || code === 'unanswered'
}

function lost(error: ClientError, once: string | undefined): ClientError {
  const again =
    once === undefined
      ? 'See whether it is there before you run the command again.'
      : `Run the same command again with --once ${/^[\w.:-]+$/.test(once) ? once : JSON.stringify(once)}: whatever became of it, it counts once.`
  const words = `${error.message.replace(/\.$/, '')}. It was sent, and may have been done. ${again}`
  return new ClientError(error.code, words, error.status, { cause: error })
}

/** The path of something that a shop has named itself. */
export function shopPath(list: string, id: string, below = ''): string {
  return `/v1/${list}/${encodeURIComponent(id)}${below}`
}
