import { askPage } from './chromium.ts'

/** What a page is given to verify, as files. */
export interface PageFiles {
  /** The code of `tallystick/verify`. */
  readonly code: string
  readonly statement: Uint8Array
  readonly policy: string
  readonly card: Uint8Array
}

/** What a page found. */
export interface PageResult {
  readonly agent: string
  readonly balance: number
  readonly lines: number
  /** The first verification in a page that has run nothing of the verifier before, and the median of five more. */
  readonly firstMs: number
  readonly againMs: number
  /** What it says of the statement with one byte changed in the middle: the code of the error. */
  readonly ofChanged: string | undefined
}

const PAGE = `
const post = (path, body) => fetch(path, { method: 'POST', body })
try {
  const { parseCard, parsePolicy, verifyStatement } = await import('./verify.js')
  const names = ['statement', 'policy', 'card']
  const [statement, policy, card] = await Promise.all(
    names.map(async name => new Uint8Array(await (await fetch(name)).arrayBuffer())),
  )
  const verify = bytes => verifyStatement(bytes, { policy: parsePolicy(policy), card: parseCard(card) })
  const timed = () => {
    const start = performance.now()
    const verified = verify(statement)
    return { verified, ms: performance.now() - start }
  }
  const { verified, ms: firstMs } = timed()
  const again = Array.from({ length: 5 }, () => timed().ms).sort((a, b) => a - b)
  const changed = statement.slice()
  changed[changed.length >> 1] ^= 1
  let ofChanged
  try {
    verify(changed)
  } catch (error) {
    ofChanged = error.code
  }
  const { balance, lines } = verified
  const agent = navigator.userAgent
  await post('/answer', JSON.stringify({ agent, balance, lines: lines.length, firstMs, againMs: again[2], ofChanged }))
} catch (error) {
  await post('/error', String(error?.stack ?? error))
}
`

/** Verifies a statement with the bundle in a Chromium that was just started. */
export function verifyInBrowser(chromium: string, { code, ...files }: PageFiles): Promise<PageResult> {
  return askPage<PageResult>(chromium, { 'page.js': PAGE, 'verify.js': code, ...files })
}
