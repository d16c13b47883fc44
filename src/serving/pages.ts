import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Server } from './typed-server.ts'

/** What a build of pages says of itself, in its `pages.json`. */
interface Manifest {
  /** Files by the paths that they answer at; a path that ends in `/*` is every path below it. */
  readonly pages: Readonly<Record<string, string>>
  /** The file that a browser is shown where there is nothing. */
  readonly notFound?: string
  /** The content security policy of all pages, and of files that have one of their own. */
  readonly policy: string
  readonly policies: Readonly<Record<string, string>>
}

interface File {
  readonly type: string
  readonly cacheControl: string
  /** By its coding: as it is, and compressed where the build has it. */
  readonly forms: readonly {
    readonly coding: 'br' | 'gzip' | undefined
    readonly bytes: Buffer
    readonly tag: string
  }[]
}

/** Built pages, in memory. What they show, this room does not know. */
export interface Pages {
  readonly manifest: Manifest
  readonly files: ReadonlyMap<string, File>
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}
const MANIFEST = 'pages.json'
/** A name that the build made of the content: another content has another name. */
const HASHED = /-[\w-]{8}\.\w+$/

/**
 * The pages that were built into a folder, read whole; undefined where none were.
 *
 * @param folder - its `pages.json` says which file answers at which path.
 */
export async function readPages(folder: string): Promise<Pages | undefined> {
  let names: string[]
  try {
    names = await readdir(folder, { recursive: true })
  } catch {
    return undefined
  }
  if (!names.includes(MANIFEST)) return undefined
  const manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as Manifest
  const files = new Map<string, File>()
  for (const name of names) {
    const type = TYPES[extname(name)]
    if (type === undefined || name === MANIFEST) continue
    const forms: File['forms'][number][] = []
    for (const [coding, ending] of [['br', '.br'] as const, ['gzip', '.gz'] as const, [undefined, ''] as const]) {
      if (!names.includes(name + ending)) continue
      const bytes = await readFile(join(folder, name + ending))
      const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
      forms.push({ coding, bytes, tag })
    }
    const path = name.replaceAll('\\', '/')
    // A page that nobody has to ask for again would keep its old parts for ever.
    const cacheControl = HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'public, no-cache'
    files.set(path, { type, cacheControl, forms })
  }
  return { manifest, files }
}

/**
 * Adds a route for each page and each file beside the pages, and one for each folder of their parts: a route for each
 * part would take a fifth of the start of a server.
 */
export function pageRoutes(server: Server, { manifest, files }: Pages): void {
  const send = (request: FastifyRequest, reply: FastifyReply, name: string) => {
    const file = files.get(name)
    if (file === undefined) return reply.callNotFound()
    return sendFile(request, reply, file, manifest.policies[name] ?? manifest.policy)
  }
  const at = (path: string, name: string) => {
    if (files.has(name)) server.get(path, { schema: { hide: true } }, (request, reply) => send(request, reply, name))
  }
  const pages = new Set([...Object.values(manifest.pages), manifest.notFound])
  const folders = new Set<string>()
  for (const [path, name] of Object.entries(manifest.pages)) at(path, name)
  for (const name of files.keys()) {
    if (pages.has(name)) continue
    if (name.includes('/')) folders.add(name.slice(0, name.lastIndexOf('/') + 1))
    else at(`/${name}`, name)
  }
  for (const folder of folders)
    server.get(`/${folder}:part`, { schema: { hide: true } }, (request, reply) => {
      const name = folder + (request.params as { part: string }).part
      return pages.has(name) ? reply.callNotFound() : send(request, reply, name)
    })
}

/**
 * Answers a browser that asks for a path that there is not with a page; anyone else gets a problem document.
 *
 * @returns whether it answered.
 */
export function answerBrowser(request: FastifyRequest, reply: FastifyReply, pages: Pages | undefined): boolean {
  const file = pages?.files.get(pages.manifest.notFound ?? '')
  const isBrowser = /\btext\/html\b/.test(request.headers.accept ?? '')
  if (file === undefined || !isBrowser || request.method !== 'GET' || request.url.startsWith('/v1/')) return false
  sendFile(request, reply.status(404), file, pages!.manifest.policy)
  return true
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: File, policy: string): FastifyReply {
  const accepted = codingsOf(request.headers['accept-encoding'])
  const { coding, bytes, tag } = file.forms.find(form => form.coding === undefined || accepted.has(form.coding))!
  reply.headers({
    'content-type': file.type,
    'cache-control': file.cacheControl,
    'content-security-policy': policy,
    vary: 'accept-encoding',
    etag: tag,
    ...(coding === undefined ? {} : { 'content-encoding': coding }),
  })
  const known = request.headers['if-none-match']?.split(',').map(one => one.trim().replace(/^W\//, ''))
  if (reply.statusCode === 200 && known?.includes(tag)) return reply.status(304).send()
  return reply.send(bytes)
}

/** The codings that a client takes: named, and not with a weight of 0. */
function codingsOf(header: string | string[] | undefined): Set<string> {
  const names = [header ?? []].flat().join(',').split(',')
  return new Set(names.flatMap(one => (/;\s*q=0(?:\.0*)?\s*$/.test(one) ? [] : [one.split(';')[0]!.trim()])))
}
