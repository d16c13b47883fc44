import { TallyClient } from '../../src/client/index.ts'
import { formatCheckpoint } from '../../src/core/note/checkpoint.ts'
import { COSIGNATURE_KEY, cosignNote, formatNote, parseNote, signNote, verifierKey } from '../../src/core/note/note.ts'
import { type Listening, stub } from '../client/proxy.ts'
import { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER, keyNumber, type World, type WorldOptions } from '../world.ts'

/** What a lying server makes of an answer. */
export type Lie = (path: string, bytes: Buffer) => Buffer

/**
 * An operator with two histories under one key, and a server before both that shows what it likes: one of them, an old
 * state, other bytes, or nothing.
 */
export class TwoHistories {
  readonly honest: ServedWorld
  readonly other: ServedWorld
  readonly client: TallyClient
  shown: 'honest' | 'other' | 'nothing' = 'honest'
  lie: Lie = (_, bytes) => bytes
  /** Which paths are not found. */
  isGone: (path: string) => boolean = () => false
  /** Paths that were asked for. */
  readonly asked: string[] = []
  readonly #front: Listening

  private constructor(honest: ServedWorld, other: ServedWorld, front: Listening) {
    this.honest = honest
    this.other = other
    this.#front = front
    this.client = new TallyClient({ ...honest.options, url: front.url, retries: 0 })
  }

  static async create(options: WorldOptions = {}): Promise<TwoHistories> {
    const [honest, other] = [await ServedWorld.create(options), await ServedWorld.create(options)]
    const front = await stub(async (request, response) => {
      const { shown } = two
      two.asked.push(request.url!)
      if (shown === 'nothing') {
        response.destroy()
        return
      }
      if (two.isGone(request.url!)) {
        response.writeHead(404).end()
        return
      }
      const { authorization } = request.headers
      const answer = await fetch((shown === 'honest' ? honest : other).url + request.url, {
        headers: authorization === undefined ? {} : { authorization },
      })
      const bytes = Buffer.from(await answer.arrayBuffer())
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(answer.ok ? two.lie(request.url!, bytes) : bytes)
    })
    const two = new TwoHistories(honest, other, front)
    return two
  }

  get url(): string {
    return this.#front.url
  }

  /** Tells the truth again. */
  repent(): void {
    this.shown = 'honest'
    this.lie = (_, bytes) => bytes
  }

  /** Shows a checkpoint in place of the latest. */
  showCheckpoint(note: Uint8Array): void {
    this.lie = (path, bytes) => (path === '/checkpoint' ? Buffer.from(note) : bytes)
  }

  async destroy(): Promise<void> {
    await this.#front.close()
    await this.honest.destroy()
    await this.other.destroy()
  }
}

/** Brings the log of a world to a size, of which the last entry is a seal, and returns its checkpoint. */
export async function grow({ world }: ServedWorld, size: number): Promise<Uint8Array> {
  const list = Array.from({ length: size - world.log.size - 2 }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
  await world.submit([world.issuer], ...list)
  await world.log.publisher.publish()
  return world.log.publisher.published!.checkpoint
}

/** A checkpoint that the log of a world signs. */
export function signedCheckpoint({ log, keys }: World, size: number, root: Uint8Array): Uint8Array {
  const text = formatCheckpoint({ origin: log.logKey.name, size, root })
  return formatNote({ text, signatures: [signNote(text, log.logKey, keys.log.seed)] })
}

/** Witness `n`, as a policy names it. */
export function witnessNumber(n: number) {
  return { name: `w${n}`, key: verifierKey(`w${n}.example`, COSIGNATURE_KEY, keyNumber(60 + n).publicKey) }
}

/** A note with cosignatures of those witnesses under it, each made at a time in seconds. */
export function cosigned(note: Uint8Array, times: Readonly<Record<number, number>>): Uint8Array {
  const { text, signatures } = parseNote(note)
  const more = Object.entries(times).map(([n, time]) =>
    cosignNote(text, witnessNumber(Number(n)).key, keyNumber(60 + Number(n)).seed, time),
  )
  return formatNote({ text, signatures: [...signatures, ...more] })
}
