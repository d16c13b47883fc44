import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type ClientOptions, makeToken, type SigningKey, TallyClient } from '../../src/client/index.ts'
import type { Group } from '../../src/core/entry/group.ts'
import { UNSIGNED_BODY_BYTES_MAX } from '../../src/core/limits.ts'
import { RuleFolder } from '../../src/files/rule-folder.ts'
import { buildServer, type Server } from '../../src/http/index.ts'
import type { Pages } from '../../src/serving/index.ts'
import { FIRST_MEMBER, ISSUER, keyNumber, REGISTRAR, type Signer, signed, World, type WorldOptions } from '../world.ts'

/** The record of the auditor's key in a `ServedWorld`, and of one that was revoked. */
export const AUDITOR = 5
export const REVOKED = 6
/** Another member than the first. */
export const OTHER_MEMBER = FIRST_MEMBER + 1

const auditor = keyNumber(50)
const revoked = keyNumber(51)
const other = keyNumber(52)

export type Who = 'issuer' | 'registrar' | 'auditor' | 'revoked' | 'owner' | 'other'

/** Whether a route is of a page, or of a part of one. */
function isPage(pages: Pages | undefined, route: string): boolean {
  if (pages === undefined) return false
  if (route in pages.manifest.pages || pages.files.has(route.slice(1))) return true
  const [folder, part] = route.slice(1).split(':')
  return part === 'part' && [...pages.files.keys()].some(name => name.startsWith(folder!))
}

/** Whether the OpenAPI document has an answer: `status method route`. */
function isDescribed(server: Server, answer: string, pages: Pages | undefined): boolean {
  const [status, method, route] = answer.split(' ') as [string, string, string]
  if (route === 'none') return status === '404'
  // Pages are no part of the API.
  if (route === '/openapi.json' || route.startsWith('/docs') || isPage(pages, route)) return true
  const { paths = {} } = server.swagger() as unknown as Document
  const operations = paths[route.replace('*', ':path').replace(/:(\w+)/g, '{$1}')]
  const operation = operations?.[(method === 'HEAD' ? 'GET' : method).toLowerCase()]
  return operation === undefined ? operations !== undefined && status === '405' : status in operation.responses
}

interface Document {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>
}

/** What every answer of an error has to be: RFC 9457, and a code (SPEC §11). */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly refusal?: {
    readonly ledgerId: string
    readonly size: number
    readonly time: number
    readonly signature: string
  }
}

/** The problem document that a response is, and has to be. */
export async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  const body = (await response.json()) as Problem
  expect(body).toMatchObject({ type: 'about:blank', status: response.status })
  expect(body.code).toMatch(/^[a-z][a-z0-9-]*$/)
  expect(body.detail.length).toBeGreaterThan(10)
  expect(body.title).not.toBe('Error')
  return body
}

/** Status and code of the problem document that a response is. */
export async function codeOf(response: Response): Promise<[status: number, code: string]> {
  return [response.status, (await problemOf(response)).code]
}

/** A batch as SPEC §11 has it in JSON. */
export interface JsonSubmission {
  readonly signatures: readonly ({ record: number; signature: string } | { account: number; signature: string })[]
  readonly transactions: readonly string[]
}

export function jsonSubmission(
  ledgerId: Uint8Array,
  signers: readonly Signer[],
  list: readonly Uint8Array[],
  groups: readonly Group[] = [],
): JsonSubmission {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  return {
    signatures: signed(ledgerId, signers, list, groups).signatures.map(({ class: signerClass, number, ed25519 }) =>
      signerClass === 0
        ? { record: number, signature: base64(ed25519) }
        : { account: number, signature: base64(ed25519) },
    ),
    transactions: list.map(base64),
  }
}

/** A world whose log is served on a port of this machine. */
export class ServedWorld {
  readonly world: World
  readonly server: Server
  readonly url: string
  readonly keys: Readonly<Record<Who, SigningKey>>

  /** Status, method and route of every answer. */
  readonly #answers: ReadonlySet<string>
  readonly #pages: Pages | undefined

  private constructor(world: World, server: Server, answers: ReadonlySet<string>, pages: Pages | undefined) {
    this.world = world
    this.server = server
    this.#answers = answers
    this.#pages = pages
    this.url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    this.keys = {
      issuer: { holder: { record: ISSUER }, seed: world.keys.issuer.seed },
      registrar: { holder: { record: REGISTRAR }, seed: world.keys.registrar.seed },
      auditor: { holder: { record: AUDITOR }, seed: auditor.seed },
      revoked: { holder: { record: REVOKED }, seed: revoked.seed },
      owner: { holder: { account: FIRST_MEMBER }, seed: world.keys.member.seed },
      other: { holder: { account: OTHER_MEMBER }, seed: other.seed },
    }
  }

  static async create(options: WorldOptions = {}, pages?: Pages): Promise<ServedWorld> {
    const world = await World.create(options)
    const keys = [
      world.bytes(world.registerKey('auditor', auditor)),
      world.bytes(world.registerKey('auditor', revoked)),
    ]
    await world.submit([world.root], ...keys)
    await world.submit([world.root], world.bytes({ kind: 'revoke', record: REVOKED, reason: 2 }))
    await world.submit([world.registrar], world.bytes(world.openMember(other)))
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 100)))
    await world.log.publisher.publish()
    const rules = new RuleFolder(join(world.directory, 'rules'))
    const answers = new Set<string>()
    const observer = {
      answered: (method: string, route: string, status: number) => void answers.add(`${status} ${method} ${route}`),
      judged: () => {},
    }
    const server = await buildServer({ log: world.log, logger: undefined, version: 'test', observer, rules, pages })
    await server.listen({ host: '127.0.0.1', port: 0 })
    return new ServedWorld(world, server, answers, pages)
  }

  /** What clients of it are made with: they trust its log, and their clock is its own. */
  get options(): ClientOptions {
    return { url: this.url, policy: this.world.policy, nowMs: () => this.world.nowMs, pauseMs: 5 }
  }

  client(caller?: SigningKey): TallyClient {
    return new TallyClient({ ...this.options, ...(caller === undefined ? {} : { caller }) })
  }

  /** GET with a token of that key, or without one. */
  async get(path: string, who?: Who, subject = 'ledger'): Promise<Response> {
    if (who === undefined) return fetch(this.url + path)
    const token = await makeToken(this.keys[who], this.world.ledgerId, subject)
    return fetch(this.url + path, { headers: { authorization: `Bearer ${token}` } })
  }

  /** POST /v1/batches; where that asks for a token, with one of the issuer, or with that of `token`. */
  async post(
    body: Uint8Array | string,
    type: string,
    { query = '', accept, token }: { query?: string; accept?: string; token?: string | null } = {},
  ): Promise<Response> {
    const isLarge = Buffer.byteLength(body) > UNSIGNED_BODY_BYTES_MAX
    const shown =
      token === undefined && isLarge ? await makeToken(this.keys.issuer, this.world.ledgerId, 'ledger') : token
    return fetch(`${this.url}/v1/batches${query}`, {
      method: 'POST',
      headers: {
        'content-type': type,
        ...(accept === undefined ? {} : { accept }),
        ...(typeof shown === 'string' ? { authorization: `Bearer ${shown}` } : {}),
      },
      body: body as string | Uint8Array<ArrayBuffer>,
    })
  }

  /** The status of a request whose target goes out as it is: `fetch` would tidy it up before. */
  rawStatus(method: string, target: string): Promise<number> {
    const port = Number(new URL(this.url).port)
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path: target, method, agent: false }, response => {
        response.resume().on('end', () => resolve(response.statusCode!))
      })
      sent.on('error', reject).end()
    })
  }

  /** Closes it, once all that it answered is described by its OpenAPI document. */
  async destroy(): Promise<void> {
    expect([...this.#answers].filter(answer => !isDescribed(this.server, answer, this.#pages))).toEqual([])
    await this.server.close()
    await this.world.destroy()
  }
}
