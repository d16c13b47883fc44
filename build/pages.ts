import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build, type InlineConfig, type Rolldown } from 'vite'

const ROOT = join(import.meta.dirname, '..')
const WEB = join(ROOT, 'src/web')
/** Where the pages are built, and served from. */
const PAGES: string = join(ROOT, 'dist/web')

/** The paths of the pages, and their files: those that are there. A path that ends in `/*` is every path below it. */
const PATHS: Readonly<Record<string, string>> = {
  '/': 'pages/index.html',
  '/verify': 'pages/verify.html',
  '/rules': 'pages/rules.html',
  '/rules/*': 'pages/rules.html',
  '/wallet': 'pages/wallet.html',
  '/tamper': 'pages/tamper.html',
  '/console': 'pages/console.html',
}

const NOT_FOUND = 'pages/not-found.html'
const CONNECT = "connect-src 'self'"
/** A wallet asks the witnesses of its policy, wherever they are; those of a first try are on this machine. */
const CONNECT_WITNESSES = `${CONNECT} https: http://127.0.0.1:* http://localhost:*`
/** What a page may load and do: its own parts, and what the server that it came from answers. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  CONNECT,
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Samples of the verify page: files of the corpora, by what they show. */
const SAMPLES = {
  holds: ['7.statement', 'statement/honest'],
  breaks: ['7-shortened.statement', 'statement/line-left-out'],
  refused: ['41.tlog-proof', 'receipt/honest-refusal'],
} as const

/** Some minutes after the clock of the corpora, which stands still. */
const CORPUS_MS = 1_800_000_300_000

const COMMON: InlineConfig = {
  configFile: false,
  root: WEB,
  logLevel: 'error',
  // The same under a test as for a release.
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact', development: false } },
}

/**
 * Builds all pages into a folder, by default `dist/web`: each with its parts by hashed names, compressed beside them,
 * and the verify page once more as one file. Takes a second or two.
 *
 * @returns lines to print: what each page weighs, and the SHA-256 of the one file.
 */
export async function buildPages(folder: string = PAGES): Promise<string[]> {
  rmSync(folder, { recursive: true, force: true })
  const samples = JSON.stringify(samplesOfCorpus())
  await buildParts(folder)
  const alone = await buildAlone(samples)
  writeFileSync(join(folder, 'verify.html'), alone.html)
  for (const [name, sample] of Object.entries(samplesOfCorpus()))
    writeFileSync(join(folder, 'assets', `sample-${name}.json`), JSON.stringify(sample))
  const paths = Object.fromEntries(Object.entries(PATHS).filter(([, file]) => there(folder).includes(file)))
  const manifest = {
    pages: paths,
    ...(there(folder).includes(NOT_FOUND) ? { notFound: NOT_FOUND } : {}),
    policy: POLICY,
    policies: {
      'verify.html': `${alone.policy}; frame-ancestors 'none'`,
      // A worker has the policy of its own script.
      ...Object.fromEntries(
        there(folder)
          .filter(path => /^(?:pages\/wallet\.html|assets\/own-worker-[\w-]+\.js)$/.test(path))
          .map(path => [path, POLICY.replace(CONNECT, CONNECT_WITNESSES)]),
      ),
    },
  }
  writeFileSync(join(folder, 'pages.json'), JSON.stringify(manifest, undefined, 2))
  writeFileSync(join(folder, 'offline.js'), offlineWorker(folder, Object.keys(paths)))
  compress(folder)
  const hash = createHash('sha256').update(alone.html).digest('hex')
  return [
    ...[...new Set(Object.values(paths))].map(
      file =>
        `dist/web/${file}: ${weightOf(folder, file, 'en')} bytes to load, compressed, ${weightOf(folder, file)} in Chinese`,
    ),
    `dist/web/verify.html: ${Buffer.byteLength(alone.html)} bytes, SHA-256 ${hash}`,
  ]
}

/** The verify page as one file: the same text each time that it is built from the same sources. */
export async function buildOneFile(): Promise<string> {
  return (await buildAlone(JSON.stringify(samplesOfCorpus()))).html
}

async function buildParts(folder: string): Promise<void> {
  await build({
    ...COMMON,
    build: {
      outDir: folder,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      target: 'es2022',
      rolldownOptions: {
        input: readdirSync(join(WEB, 'pages'))
          .filter(name => name.endsWith('.html'))
          .map(name => join(WEB, 'pages', name)),
      },
    },
    worker: { format: 'es' },
  })
}

/** The worker that keeps what was loaded of the pages: its cache is named by what they are made of. */
function offlineWorker(folder: string, paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const path of there(folder).sort()) hash.update(`${path}\n`).update(readFileSync(join(folder, path)))
  const name = `tallystick-${hash.digest('hex').slice(0, 16)}`
  return readFileSync(join(import.meta.dirname, 'offline-worker.js'), 'utf8')
    .replace("'BUILD'", JSON.stringify(name))
    .replace('PAGES = []', `PAGES = ${JSON.stringify(paths)}`)
}

/** The verify page as one file: a script and a style that its own policy names by their hashes, and nothing else. */
async function buildAlone(samples: string): Promise<{ html: string; policy: string }> {
  const made = (await build({
    ...COMMON,
    define: { SAMPLES: samples },
    publicDir: false,
    build: {
      write: false,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: false,
      reportCompressedSize: false,
      cssCodeSplit: false,
      rolldownOptions: { input: join(WEB, 'verify/alone.tsx'), output: { format: 'iife', codeSplitting: false } },
    },
  })) as Rolldown.RolldownOutput | Rolldown.RolldownOutput[]
  const { output } = [made].flat()[0]!
  const script = output.flatMap(one => (one.type === 'chunk' ? [one.code.trim()] : [])).join('\n')
  const style = output.flatMap(one => (one.type === 'asset' ? [String(one.source).trim()] : [])).join('\n')
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) throw new Error('the script would end its own element')
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Verify · Tallystick</title>
<style>${style}</style>
</head>
<body>
<div id="page"><noscript>This page checks files in your browser, which takes JavaScript. 核对在你的浏览器里进行，需要 JavaScript。</noscript></div>
<script id="script">${script}</script>
</body>
</html>
`
  return { html, policy }
}

interface CorpusFile {
  readonly trust: { readonly policy: string; readonly card?: string }
  readonly shown: { readonly bytes?: string; readonly text?: string }
}

function samplesOfCorpus(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(SAMPLES).map(([name, [file, path]]) => {
      const { trust, shown } = JSON.parse(readFileSync(join(ROOT, 'test/lies', `${path}.json`), 'utf8')) as CorpusFile
      const bytes = shown.bytes ?? Buffer.from(shown.text!).toString('base64')
      return [
        name,
        {
          name: file,
          bytes,
          policy: trust.policy,
          ...(trust.card === undefined ? {} : { card: trust.card }),
          nowMs: CORPUS_MS,
        },
      ]
    }),
  )
}

function there(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path => /\.[a-z]+$/.test(path))
}

/** Compressed files below this size are hardly smaller. */
const LEAST = 512

function compress(folder: string): void {
  for (const path of there(folder)) {
    if (!/\.(?:html|js|css|json|svg|webmanifest)$/.test(path)) continue
    const bytes = readFileSync(join(folder, path))
    if (bytes.length < LEAST) continue
    const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
    writeFileSync(join(folder, `${path}.br`), brotliCompressSync(bytes, { params: quality }))
    writeFileSync(join(folder, `${path}.gz`), gzipSync(bytes, { level: 9 }))
  }
}

/** Parts that a page asks for at once, for who reads Chinese; others come behind the page, or when they are wanted. */
const CHINESE = /-zh-[\w-]+\.js$/

/**
 * What a first visit loads of a page: the page, its scripts and styles, the threads that those start, and for who reads
 * Chinese the words; gzip, as the larger.
 */
export function weightOf(folder: string, file: string, language: 'en' | 'zh' = 'zh'): number {
  const seen = new Set<string>()
  const visit = (path: string): number => {
    if (seen.has(path) || !there(folder).includes(path)) return 0
    seen.add(path)
    const text = readFileSync(join(folder, path), 'utf8')
    const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!)
    const below = path.endsWith('.html')
      ? all(/\/assets\/([\w.-]+\.(?:js|css))/g)
      : path.endsWith('.js')
        ? [
            ...all(/(?:from|import)["'`]\.\/([\w.-]+\.js)/g),
            // Workers, by their whole path.
            ...all(/["'`]\/assets\/([\w.-]+\.js)/g),
            ...all(/import\(["'`]\.\/([\w.-]+\.js)/g).filter(name => language === 'zh' && CHINESE.test(name)),
          ]
        : []
    return gzipSync(text, { level: 9 }).length + below.reduce((sum, name) => sum + visit(`assets/${name}`), 0)
  }
  return visit(file)
}
