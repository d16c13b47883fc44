import type { AddressInfo } from 'node:net'
import { TileMaker } from '../../src/audit/read/tile-maker.ts'
import { toBase64, toHex } from '../../src/core/bytes.ts'
import { signEd25519 } from '../../src/core/crypto/ed25519.ts'
import { leafHash } from '../../src/core/tree/merkle.ts'
import { encodeEntryBundle, parseTilePath } from '../../src/core/tree/tile.ts'
import { buildServer, type Server } from '../../src/http/index.ts'
import { encodePage } from '../../src/verify/page.ts'
import { saltsMessage } from '../../src/verify/promise.ts'
import { type Listening, stub } from '../client/proxy.ts'
import { naiveConsistency } from '../core/tree/naive-tree.ts'
import type { Closed } from '../lies/make/books.ts'
import { runShop, type Shop, shopWorld } from '../lies/make/shop.ts'
import { stated } from '../lies/make/statements.ts'
import type { World } from '../world.ts'

/**
 * The server of an operator who lies, on a port of this machine: whatever books he closes, it serves checkpoint, tiles,
 * entries, salts and statements of, all of which fit each other. What is not of these it answers as the honest server
 * behind it, which runs the ledger of the corpus.
 */
export class LyingServer {
  readonly world: World
  readonly shop: Shop
  readonly #honest: Server
  readonly #front: Listening
  #told: Closed
  #tiles = new Map<string, Uint8Array>()
  /** Answers in place of those of the books, by path; null: not found. */
  #instead: (path: string) => Uint8Array | null | undefined = () => undefined

  private constructor(world: World, shop: Shop, honest: Server, front: Listening) {
    this.world = world
    this.shop = shop
    this.#honest = honest
    this.#front = front
    this.#told = shop.books.close()
    this.tell(this.#told)
  }

  /** Starts both. The shop opened two hours ago. */
  static async start(): Promise<LyingServer> {
    const world = await shopWorld()
    world.nowMs = Date.now() - 2 * 3_600_000
    const shop = await runShop(world)
    const honest = await buildServer({ log: world.log, logger: undefined, version: 'test' })
    await honest.listen({ host: '127.0.0.1', port: 0 })
    const behind = `http://127.0.0.1:${(honest.server.address() as AddressInfo).port}`
    const front = await stub(async (request, response) => {
      const path = request.url!
      const instead = server.#instead(path)
      if (instead === null) {
        response.writeHead(404).end()
        return
      }
      const url = new URL(path, behind)
      const own = server.#asAsked(url, instead ?? server.#own(url))
      if (own !== undefined) {
        if (path.startsWith('/v1/salts')) response.setHeader('content-type', 'application/json')
        response.end(own)
        return
      }
      // Of ledger time it shows nothing.
      if (/^\/(?:seal|archive)/.test(path)) {
        response.writeHead(404).end()
        return
      }
      const { authorization } = request.headers
      const answer = await fetch(behind + path, { headers: authorization === undefined ? {} : { authorization } })
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(Buffer.from(await answer.arrayBuffer()))
    })
    const server: LyingServer = new LyingServer(world, shop, honest, front)
    return server
  }

  get url(): string {
    return this.#front.url
  }

  /** Serves these books from now on; `instead` answers paths of its own choosing first. */
  tell(closed: Closed, instead: (path: string) => Uint8Array | null | undefined = () => undefined): void {
    this.#told = closed
    this.#instead = instead
    this.#tiles = new Map()
    const maker = new TileMaker()
    const keep = (tile: { level: number; index: number; hashes: Uint8Array }) =>
      this.#tiles.set(`${tile.level}/${tile.index}`, tile.hashes)
    for (const entry of closed.entries) maker.append(leafHash(entry)).forEach(keep)
    maker.partial().forEach(keep)
  }

  /** The truth, with some answers that are none. */
  tellBeside(instead: (path: string) => Uint8Array | null | undefined): void {
    this.tell(this.shop.books.close(), instead)
  }

  /** The truth, with one statement in place of Alice’s. */
  tellStatement(statement: Uint8Array): void {
    this.tellBeside(path => (path.includes('/statement') ? statement : undefined))
  }

  #own({ pathname, searchParams }: URL): Uint8Array | undefined {
    const { checkpoint, entries } = this.#told
    if (pathname === '/checkpoint') return checkpoint
    if (pathname.startsWith('/tile/')) {
      const { level, index, width } = parseTilePath(pathname.slice(1))
      return level === 'entries'
        ? encodeEntryBundle(entries.slice(256 * index, 256 * index + width))
        : this.#tiles.get(`${level}/${index}`)?.subarray(0, 32 * width)
    }
    if (pathname === '/v1/salts') {
      const from = Number(searchParams.get('from'))
      const { seed, saltOf } = this.shop.log
      const salts = Array.from({ length: Math.max(0, 64 - from) }, (_, i) => saltOf(from + i))
      const signature = toBase64(signEd25519(seed, saltsMessage(this.shop.books.ledgerId, from, salts)))
      return Buffer.from(JSON.stringify({ salts: salts.map(toHex), signature }))
    }
    const account = /^\/v1\/accounts\/(\d+)\/statement$/.exec(pathname)?.[1]
    if (account === undefined) return undefined
    const since = Number(searchParams.get('since') ?? 0)
    return stated(this.#told, Number(account), { since, all: searchParams.get('signatures') === 'all' })
  }

  /** A statement as it was asked for: a page of it, whose checkpoint grew out of that of the page before. */
  #asAsked({ pathname, searchParams }: URL, own: Uint8Array | undefined): Uint8Array | undefined {
    if (own === undefined || !pathname.endsWith('/statement') || !searchParams.has('lines')) return own
    const grown = Number(searchParams.get('grown') ?? 0)
    return encodePage({ growth: grown === 0 ? [] : naiveConsistency(grown, this.#told.entries), statement: own })
  }

  async stop(): Promise<void> {
    await this.#front.close()
    await this.#honest.close()
    await this.world.destroy()
  }
}
