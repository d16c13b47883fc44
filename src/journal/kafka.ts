import { readFileSync } from 'node:fs'
import { type BaseOptions, Consumer, ListOffsetTimestamps, ProduceAcks, Producer } from '@platformatic/kafka'
import { JournalError } from './contract.ts'
import type { RecordStream, StreamRange, StreamRecord } from './stream.ts'

/** Where a stream is: brokers, and a topic of one partition. */
export interface KafkaAddress {
  readonly brokers: readonly string[]
  readonly topic: string
}

/** How to reach brokers that ask who one is. */
export interface KafkaAccess {
  /** TLS: with the certificates of the system, or with those of a file. */
  readonly tls?: boolean | { readonly ca: string }
  /** SASL, over TLS. */
  readonly user?: string
  readonly password?: string
  /** By default SCRAM-SHA-512. */
  readonly mechanism?: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
}

/** How long a broker may keep a request for records that are not there yet. */
const WAIT_MS = 250
/** Bytes of one answer. */
const FETCH_BYTES = 4 * 2 ** 20
/** A request is given up after this long, and its connection with it. */
const REQUEST_MS = 4000
/** What takes several requests is given up after this long, with the client that was asked. */
const ANSWER_MS = 3 * REQUEST_MS
const CONNECT_MS = 2000
/** How long a send is repeated, and how long it waits between: a new leader takes 6 to 14 s. */
const SEND_MS = 60_000
const RETRY_MS = 250
/** How long brokers and leaders are believed that no error speaks against. */
const KNOWN_MS = 300_000

const PORT = 9092
/** What Kafka allows in the name of a topic. */
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/

/**
 * Reads the address of a stream: `kafka://host[:port][,host[:port]…]/topic`. The port is 9092 where none is given.
 *
 * @throws JournalError `journal-address`.
 *
 * @example
 * ```ts
 * parseKafkaAddress('kafka://a:9092,b:9092/points')  // { brokers: ['a:9092', 'b:9092'], topic: 'points' }
 * ```
 */
export function parseKafkaAddress(text: string): KafkaAddress {
  const [, hosts, topic] = /^kafka:\/\/([^/@?#]+)\/([^/?#]+)$/.exec(text) ?? []
  if (hosts === undefined || topic === undefined || !TOPIC.test(topic)) throw badAddress(text)
  const brokers = hosts.split(',').map(host => {
    const [, name, port] = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?$/.exec(host) ?? []
    if (name === undefined || Number(port ?? PORT) > 65_535) throw badAddress(text)
    return `${name}:${port ?? PORT}`
  })
  return { brokers, topic }
}

function badAddress(text: string): JournalError {
  return new JournalError(
    'journal-address',
    `"${text.slice(0, 200)}" is no address of a journal. Write kafka://HOST:PORT,HOST:PORT/TOPIC, without a password.`,
  )
}

/**
 * A topic of Kafka, of one partition, as a stream of records. Written with acknowledgement by all replicas in sync,
 * read from the leader by offset: no groups, no commits, no transactions.
 *
 * The topic is made by those who run Kafka, with three replicas, `min.insync.replicas=2`, `retention.ms=-1`,
 * `max.message.bytes` of 4 MiB or more, and no unclean election of leaders: docs/kafka.md.
 */
export class KafkaStream implements RecordStream {
  readonly #topic: string
  readonly #options: BaseOptions
  /** In the order in which the next client asks them. */
  #brokers: string[]
  #producer: Producer
  #consumer: Consumer
  #isClosed = false

  constructor({ brokers, topic }: KafkaAddress, access: KafkaAccess = {}) {
    this.#topic = topic
    this.#brokers = [...brokers]
    this.#options = {
      clientId: 'tallystick',
      bootstrapBrokers: [...brokers],
      timeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      connectTimeout: CONNECT_MS,
      retryDelay: RETRY_MS,
      metadataMaxAge: KNOWN_MS,
      ...accessOptions(access),
    }
    this.#producer = this.#newProducer()
    this.#consumer = this.#newConsumer()
  }

  #newProducer(): Producer {
    const options = { ...this.#options, bootstrapBrokers: this.#brokers }
    return new Producer({ ...options, idempotent: true, acks: ProduceAcks.ALL, retries: 0 })
  }

  #newConsumer(): Consumer {
    // It joins no group, though it has to be given the name of one.
    const options = { ...this.#options, bootstrapBrokers: this.#brokers, groupId: 'tallystick' }
    const consumer = new Consumer({ ...options, retries: 1 })
    consumer.topics.track(this.#topic)
    return consumer
  }

  /**
   * In place of a client that failed, one that knows nothing and asks another broker first. A client asks the first of
   * its list where the leader is, again and again: one that takes connections and answers nothing would hold it for
   * ever.
   */
  #turn(failed: Producer | Consumer): void {
    const [first, ...others] = this.#brokers
    this.#brokers = [...others, first!]
    failed.close(true).catch(() => {})
    if (failed === this.#producer) this.#producer = this.#newProducer()
    if (failed === this.#consumer) this.#consumer = this.#newConsumer()
  }

  async range(): Promise<StreamRange> {
    const [first, next] = await this.#reading(() =>
      Promise.all([this.#offset(ListOffsetTimestamps.EARLIEST), this.#offset(ListOffsetTimestamps.LATEST)]),
    )
    return { first, next }
  }

  async #offset(timestamp: bigint): Promise<number> {
    const topic = this.#topic
    const offsets = await this.#consumer.listOffsets({ topics: [topic], partitions: { [topic]: [0] }, timestamp })
    return Number(offsets.get(topic)![0])
  }

  /** What was sent and not acknowledged is sent again, and may then be in the topic twice: `RecordStream`. */
  async append(values: readonly Uint8Array[]): Promise<number> {
    const topic = this.#topic
    const messages = values.map(value => ({ topic, partition: 0, value: Buffer.from(value) }))
    const start = performance.now()
    for (;;) {
      const producer = this.#producer
      try {
        const { offsets = [] } = await answered(producer.send({ messages }))
        return Number(offsets[0]!.offset)
      } catch (error) {
        const isOver = this.#isClosed || performance.now() - start > SEND_MS
        if (isOver || causes(error).some(({ canRetry }) => canRetry === false))
          throw this.#unacknowledged(values, error)
        this.#turn(producer)
        await new Promise(resolve => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  #unacknowledged({ length }: readonly Uint8Array[], cause: unknown): JournalError {
    return new JournalError(
      'journal-write',
      `Kafka did not acknowledge ${length} commands, which may be in its topic or not: send them again.`,
      { cause },
    )
  }

  read(from: number): Promise<readonly StreamRecord[]> {
    return this.#reading(() => this.#fetch(from))
  }

  async #fetch(from: number): Promise<readonly StreamRecord[]> {
    const consumer = this.#consumer
    const { topics } = await consumer.metadata({ topics: [this.#topic] })
    const { id: topicId, partitions } = topics.get(this.#topic)!
    const { responses } = await consumer.fetch({
      node: partitions[0]!.leader,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      maxWaitTime: WAIT_MS,
      topics: [
        {
          topicId,
          partitions: [
            {
              partition: 0,
              fetchOffset: BigInt(from),
              partitionMaxBytes: FETCH_BYTES,
              currentLeaderEpoch: -1,
              lastFetchedEpoch: -1,
            },
          ],
        },
      ],
    })
    const records: StreamRecord[] = []
    for (const batch of responses[0]?.partitions[0]?.records ?? [])
      for (const { offsetDelta, value } of batch.records) {
        const offset = Number(batch.firstOffset) + offsetDelta
        // Kafka gives whole batches: the first may begin earlier.
        if (offset >= from) records.push({ offset, value: value ?? new Uint8Array(0) })
      }
    return records
  }

  /** What is asked of Kafka for reading: in which case it may be asked again, and in which not. */
  async #reading<T>(ask: () => Promise<T>): Promise<T> {
    const consumer = this.#consumer
    try {
      return await answered(ask())
    } catch (error) {
      if (!this.#isClosed && consumer === this.#consumer) this.#turn(consumer)
      const why = causes(error)
      if (why.some(({ apiId }) => apiId === 'OFFSET_OUT_OF_RANGE'))
        throw new JournalError(
          'journal-range',
          `The topic "${this.#topic}" does not have the commands that come next.`,
          {
            cause: error,
          },
        )
      const first = why.at(-1)?.message ?? (error as Error).message
      throw new JournalError('journal-read', `Kafka does not answer: ${first}`, { cause: error })
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    // What is under way is not waited for.
    await Promise.all([this.#producer.close(true), this.#consumer.close(true)].map(closing => closing.catch(() => {})))
  }
}

/** @throws JournalError `journal-read` where there is no answer in time. */
async function answered<T>(asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const why = `Kafka gave no answer within ${ANSWER_MS / 1000} s.`
    timer = setTimeout(() => reject(new JournalError('journal-read', why)), ANSWER_MS)
  })
  asked.catch(() => {})
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}

function accessOptions({ tls, user, password, mechanism = 'SCRAM-SHA-512' }: KafkaAccess): Partial<BaseOptions> {
  const secure = tls === undefined || tls === false ? {} : { tls: tls === true ? {} : { ca: readFileSync(tls.ca) } }
  return user === undefined ? secure : { ...secure, sasl: { mechanism, username: user, password: password ?? '' } }
}

/** An error, its causes and its parts. */
function causes(error: unknown): (Error & { readonly apiId?: string; readonly canRetry?: boolean })[] {
  if (!(error instanceof Error)) return []
  const { errors = [], cause } = error as Error & { readonly errors?: unknown[] }
  return [error, ...errors.flatMap(causes), ...(cause === undefined ? [] : causes(cause))]
}
