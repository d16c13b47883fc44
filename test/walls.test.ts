import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** What a room may import: other rooms, packages, and whether it runs on Node. DESIGN: one way, no circles. */
interface Room {
  readonly rooms: readonly string[]
  readonly packages: readonly string[]
  readonly node: boolean
}

const ROOMS: Readonly<Record<string, Room>> = {
  'src/core': { rooms: [], packages: ['@noble/ed25519', '@noble/hashes'], node: false },
  'src/account': { rooms: ['src/core'], packages: [], node: false },
  'src/verify': { rooms: ['src/core', 'src/account'], packages: [], node: false },
  'src/programmes': { rooms: ['src/core'], packages: ['@bufbuild/cel'], node: false },
  'src/lookup': { rooms: ['src/core'], packages: [], node: false },
  'src/ledger': { rooms: ['src/core', 'src/account', 'src/lookup'], packages: [], node: false },
  // The native engines are loaded by name, where they can be: see below.
  'src/node': { rooms: ['src/core'], packages: [], node: true },
  'src/store': { rooms: ['src/core'], packages: ['level'], node: true },
  'src/journal': { rooms: ['src/core'], packages: ['@platformatic/kafka'], node: true },
  'src/log': {
    rooms: [
      'src/core',
      'src/account',
      'src/verify',
      'src/lookup',
      'src/ledger',
      'src/node',
      'src/store',
      'src/journal',
    ],
    packages: [],
    node: true,
  },
  // What every HTTP server of ours shares; it knows nothing of ledgers.
  'src/serving': {
    rooms: ['src/core'],
    packages: ['fastify', 'fastify-type-provider-zod', 'zod', '@fastify/swagger', '@fastify/swagger-ui'],
    node: true,
  },
  'src/http': {
    rooms: ['src/core', 'src/account', 'src/verify', 'src/log', 'src/serving'],
    packages: ['fastify', 'zod', 'jose'],
    node: true,
  },
  'src/client': { rooms: ['src/core', 'src/verify'], packages: ['jose'], node: false },
  'src/files': {
    rooms: ['src/core', 'src/verify', 'src/node', 'src/client'],
    packages: ['zod', 'aws4fetch'],
    node: true,
  },
  // What an auditor and a watcher run reaches no code of the server.
  'src/audit': {
    rooms: [
      'src/core',
      'src/account',
      'src/verify',
      'src/programmes',
      'src/lookup',
      'src/ledger',
      'src/node',
      'src/client',
      'src/files',
    ],
    // An auditor keeps its own state, which is no log: rows in a LevelDB.
    packages: ['level'],
    node: true,
  },
  'src/monitor': { rooms: ['src/core', 'src/verify', 'src/node', 'src/client', 'src/files'], packages: [], node: true },
  // Another party's program: it shares bytes with the ledger, and nothing else.
  'src/witness': { rooms: ['src/core'], packages: ['fastify'], node: true },
  'src/issuing': {
    rooms: ['src/core', 'src/verify', 'src/programmes', 'src/node', 'src/client', 'src/files'],
    // Counters of members are rows in a LevelDB of its own.
    packages: ['level'],
    node: true,
  },
  // A shop's own server, a client of the ledger like any other.
  'src/gateway': {
    rooms: [
      'src/core',
      'src/account',
      'src/verify',
      'src/programmes',
      'src/node',
      'src/client',
      'src/files',
      'src/issuing',
      'src/serving',
      // Reports are those of an audit: one mechanism.
      'src/audit',
    ],
    packages: ['fastify', 'zod', 'level', 'openid-client'],
    node: true,
  },
  'src/operations': {
    rooms: ['src/core', 'src/node', 'src/store', 'src/journal', 'src/log', 'src/client', 'src/files'],
    packages: ['zod', 'prom-client'],
    node: true,
  },
  // Of the pages, the tamper room alone has a ledger of its own: see below.
  'src/web': {
    rooms: ['src/core', 'src/verify', 'src/programmes', 'src/client', 'src/ledger'],
    packages: ['preact', 'uplot', 'qr', '@tanstack/virtual-core', '@noble/ciphers', '@noble/hashes'],
    node: false,
  },
  cli: {
    rooms: [
      'src/core',
      'src/account',
      'src/verify',
      'src/programmes',
      'src/node',
      'src/log',
      'src/serving',
      'src/http',
      'src/client',
      'src/files',
      'src/audit',
      'src/monitor',
      'src/witness',
      'src/issuing',
      'src/gateway',
      'src/operations',
    ],
    packages: ['commander', 'pino', 'cli-progress'],
    node: true,
  },
}

const FILES = Object.keys(ROOMS).flatMap(room =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter(path => /\.tsx?$/.test(path))
    .map(path => ({ room, path: join(room, path), text: readFileSync(join(ROOT, room, path), 'utf8') })),
)

/** What a file imports, types included. */
function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'([^'\s]+)'/g)].map(match => match[1]!)
}

function packageOf(name: string): string {
  const parts = name.split('/')
  return name.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}

function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS).find(room => path.startsWith(normalize(`${room}/`)))
}

describe('the walls between the rooms', () => {
  test('every folder of src is a room with walls', () => {
    const folders = readdirSync(join(ROOT, 'src')).map(name => `src/${name}`)
    expect([...folders, 'cli'].sort()).toEqual(Object.keys(ROOMS).sort())
    expect(FILES.length).toBeGreaterThan(60)
  })

  test('every room of src opens with a paragraph', () => {
    for (const room of Object.keys(ROOMS).filter(name => name !== 'cli')) {
      const index = FILES.find(({ path }) => path === normalize(`${room}/index.ts`))?.text ?? ''
      expect(index, room).toMatch(/^\/\*\*\s+(?:\* )?[A-Z ]{4,}\. /)
    }
  })

  test.each(Object.entries(ROOMS))('%s imports only what it may', (room, { rooms, packages, node }) => {
    for (const { path, text } of FILES.filter(file => file.room === room)) {
      for (const name of importsOf(text)) {
        if (name.startsWith('.')) {
          const target = roomOf(normalize(join(dirname(path), name)))
          expect([room, ...rooms], `${path} imports ${name}`).toContain(target)
        } else if (name.startsWith('node:') || builtinModules.includes(name)) {
          expect(node, `${path} imports ${name}`).toBe(true)
        } else expect(packages, `${path} imports ${name}`).toContain(packageOf(name))
      }
    }
  })

  test('of the pages only the tamper room runs a ledger', () => {
    const web = FILES.filter(({ room }) => room === 'src/web')
    const running = web.filter(({ text }) => importsOf(text).some(name => name.includes('/ledger/')))
    expect(running.length).toBeGreaterThan(0)
    for (const { path } of running) expect(path).toContain(normalize('src/web/tamper/'))
  })

  test('files do not import each other in a circle, types included', () => {
    const done = new Set<string>()
    const visit = (path: string, above: readonly string[]) => {
      expect(above, 'a circle of imports').not.toContain(path)
      if (done.has(path)) return
      const text = FILES.find(file => file.path === path)?.text ?? ''
      for (const name of importsOf(text))
        if (name.startsWith('.')) visit(normalize(join(dirname(path), name)), [...above, path])
      done.add(path)
    }
    for (const { path } of FILES) visit(path, [])
    expect(done.size).toBeGreaterThanOrEqual(FILES.length)
  })

  test('some file of a room imports each room and package that it may', () => {
    for (const [room, { rooms, packages }] of Object.entries(ROOMS)) {
      const names = FILES.filter(file => file.room === room).flatMap(({ path, text }) =>
        importsOf(text).map(name =>
          name.startsWith('.') ? roomOf(normalize(join(dirname(path), name))) : packageOf(name),
        ),
      )
      for (const name of [...rooms, ...packages]) expect(names, `${room} uses ${name}`).toContain(name)
    }
  })

  test.each(['src/core', 'src/account', 'src/verify', 'src/programmes', 'src/lookup', 'src/ledger'])(
    '%s has no clock, no chance and no process',
    room => {
      for (const { path, text } of FILES.filter(file => file.room === room)) {
        const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|\bfrom '[^']*'/g, '')
        expect(code, path).not.toMatch(/\bDate\b|\bMath\.random\b|\bperformance\b|\bprocess\b|\bBuffer\b|\bcrypto\b/)
        expect(code, path).not.toMatch(/\bfetch\b|\bsetTimeout\b|\bsetInterval\b|\bqueueMicrotask\b/)
      }
    },
  )

  test('the native engines are named in one file only', () => {
    const named = FILES.filter(({ text }) => /sodium-native|@chainsafe\/hashtree/.test(text)).map(({ path }) => path)
    expect(named).toEqual([normalize('src/node/native-engine.ts')])
  })

  test('the build makes each export of the package of a file that is there', () => {
    const { exports, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { types: string; default: string }>
      bin: { tally: string }
    }
    const made = Object.values(exports).flatMap(one => (typeof one === 'string' ? [] : [one]))
    expect(made.length).toBeGreaterThanOrEqual(8)
    for (const { types, default: code } of made) {
      expect(types).toBe(code.replace(/\.js$/, '.d.ts'))
      expect(readFileSync(join(ROOT, code.replace('./dist/', '').replace(/\.js$/, '.ts')), 'utf8')).toContain('export')
    }
    expect(readFileSync(join(ROOT, bin.tally), 'utf8')).toMatch(/^#!/)
  })

  test('a type has a name of its own, exported or not', () => {
    /** The same thing in two rooms, neither of which knows the other. */
    const SHARED: ReadonlySet<string> = new Set(['Json', 'Language', 'Row'])
    const files = new Map<string, string[]>()
    for (const { path, text } of FILES)
      for (const [, name] of text.matchAll(/^(?:export |declare |abstract )*(?:interface|class|type|enum) (\w+)/gm))
        files.set(name!, [...(files.get(name!) ?? []), path])
    expect(files.size).toBeGreaterThan(800)
    expect([...files].filter(([name, paths]) => paths.length > 1 && !SHARED.has(name))).toEqual([])
  })

  test('an error has a code, but where another gives it one', () => {
    /** Files with an `Error` of no kind of ours, and why. */
    const BARE: Readonly<Record<string, string>> = {
      'cli/input/signal.ts': 'the reason of an abort',
      'src/audit/read/failures.ts': 'an error of another thread, as it was there',
      'src/audit/read/keep-alive.ts': '`src/client/wire.ts` makes it `unreachable`',
      'src/audit/read/reader-thread.ts': 'a thread that ended: a bug of ours',
      'src/audit/report/reports-thread.ts': 'a thread that ended: a bug of ours',
      'src/files/key-files.ts': 'within a form that is read: `readParsed` gives it the code of the file',
      'src/files/locked-seed.ts': 'as in `key-files.ts`',
      'src/files/shop-file.ts': 'as in `key-files.ts`',
      'src/files/wallet-folder.ts': 'as in `key-files.ts`',
      'src/log/log.ts': 'the reason of an abort',
      'src/node/file-system.ts': 'keeps the code of the system',
      'src/web/transparency/page.tsx': 'words of the browser on its worker',
      'src/web/verify/verifier.ts': 'words of the browser on its worker',
    }
    const bare = FILES.filter(({ text }) => /^(?! *\*).*\bnew Error\(/m.test(text)).map(({ path }) => path)
    expect(bare.sort()).toEqual(Object.keys(BARE).map(normalize).sort())
  })

  test('no file is longer than one sitting', () => {
    for (const { path, text } of FILES) expect(text.split('\n').length, path).toBeLessThanOrEqual(400)
  })
})
