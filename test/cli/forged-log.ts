import { TileMaker } from '../../src/audit/read/tile-maker.ts'
import { TallyClient } from '../../src/client/index.ts'
import { leafHash } from '../../src/core/tree/merkle.ts'
import { decodeEntryBundle, encodeEntryBundle, parseTilePath } from '../../src/core/tree/tile.ts'
import { type Listening, stub } from '../client/proxy.ts'
import type { ServedWorld } from '../http/server.ts'
import { signedCheckpoint } from './two-histories.ts'

/**
 * A server of an operator who made entries up and signed them: checkpoint, tiles and entries all fit each other. What
 * is not of the log it answers as the honest server behind it.
 */
export class ForgedLog {
  readonly honest: ServedWorld
  readonly #front: Listening
  entries: readonly Uint8Array[] = []
  checkpoint: Uint8Array = new Uint8Array(0)
  /** Paths that were asked for. */
  readonly asked: string[] = []
  /** Answers to this path are kept back for ever. */
  stallAt: ((path: string) => boolean) | undefined
  /** Whether the hash tiles that are served are others than those of the entries. */
  spoilsHashes = false
  readonly #tiles = new Map<string, Uint8Array>()

  private constructor(honest: ServedWorld, front: Listening) {
    this.honest = honest
    this.#front = front
  }

  static async serve(honest: ServedWorld): Promise<ForgedLog> {
    const front = await stub(async (request, response) => {
      const path = request.url!
      log.asked.push(path)
      if (log.stallAt?.(path)) return
      const own = path === '/checkpoint' ? log.checkpoint : log.#tile(path)
      if (own !== undefined) {
        response.end(own)
        return
      }
      const { authorization } = request.headers
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      const answer = await fetch(honest.url + path, { headers })
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(Buffer.from(await answer.arrayBuffer()))
    })
    const log = new ForgedLog(honest, front)
    return log
  }

  get url(): string {
    return this.#front.url
  }

  get client(): TallyClient {
    return new TallyClient({ ...this.honest.options, url: this.url, caller: this.honest.keys.auditor, retries: 0 })
  }

  /** The entries of the honest log. */
  async truth(): Promise<Uint8Array[]> {
    const { log } = this.honest.world
    const entries: Uint8Array[] = []
    for (let index = 0; entries.length < log.size; index++) {
      const width = Math.min(256, log.size - index * 256)
      entries.push(...decodeEntryBundle((await log.entryBundle(index, width))!).map(entry => entry.slice()))
    }
    return entries
  }

  /** Shows these entries from now on, and signs them. */
  show(entries: readonly Uint8Array[]): void {
    this.entries = entries
    this.#tiles.clear()
    const maker = new TileMaker()
    for (const entry of entries)
      for (const { level, index, hashes } of maker.append(leafHash(entry))) this.#tiles.set(`${level}/${index}`, hashes)
    for (const { level, index, hashes } of maker.partial()) this.#tiles.set(`${level}/${index}`, hashes)
    this.checkpoint = signedCheckpoint(this.honest.world, entries.length, maker.root())
  }

  #tile(path: string): Uint8Array | undefined {
    if (!path.startsWith('/tile/')) return undefined
    const { level, index, width } = parseTilePath(path.slice(1))
    if (level === 'entries') return encodeEntryBundle(this.entries.slice(256 * index, 256 * index + width))
    const hashes = this.#tiles.get(`${level}/${index}`)?.slice(0, 32 * width)
    if (hashes !== undefined && this.spoilsHashes) hashes[0]! ^= 1
    return hashes
  }

  close(): Promise<void> {
    return this.#front.close()
  }
}
