import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Attempt } from '../../src/audit/attempt.ts'
import { Rewards } from '../../src/audit/rewards.ts'
import { fromBase64, toHex, utf8Encode } from '../../src/core/bytes.ts'
import { engine, portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { commitmentOf } from '../../src/core/entry/details.ts'
import { openCheckpoint, parsePolicy } from '../../src/core/note/policy.ts'
import { keyOf } from '../../src/files/details-file.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { CONVICTING } from '../../src/verify/evidence/convict.ts'
import { logInMemory } from '../audit/read/log-in-memory.ts'
import type { Lie } from './lie.ts'
import { fileOf, filesThere } from './make/make.ts'

beforeAll(async () => useEngine(await loadEngine('native')))
afterAll(() => useEngine(portableEngine))

const SPEC = await readFile(join(import.meta.dirname, '../../SPEC.md'), 'utf8')
const there = new Set(await filesThere())
const read = async (path: string) => JSON.parse(await readFile(fileOf(path), 'utf8')) as Lie

/** The honest stories of SPEC §11, by code: what the cell beside it says. */
const stories = new Map(
  SPEC.split('**Only misconduct convicts.**')[1]!
    .split('\n\n**')[0]!
    .split('\n')
    .flatMap(line => {
      const [, code, story] = /^\| `([a-z-]+)` \| (.*) \|$/.exec(line) ?? []
      return code === undefined ? [] : [[code, story!] as const]
    }),
)

/** The files of a story: those that it names, else those of its code. */
function filesOf(code: string): string[] {
  const named = [...stories.get(code)!.matchAll(/`((?:evidence|log)\/[a-z-]+)(…?)`/g)].flatMap(([, path, more]) =>
    more === '' ? [path!] : [...there].filter(one => one.startsWith(path!)),
  )
  const own = [`evidence/twin-${code}`, `log/honest-twin-${code}`].filter(path => there.has(path))
  return [...own, ...named]
}

describe('only misconduct convicts', () => {
  test('each code that convicts has a story in SPEC, and no other', () => {
    expect([...stories.keys()].sort()).toEqual([...CONVICTING].sort())
  })

  test.each(CONVICTING)('%s: the corpus has evidence of the honest story, which convicts nobody', async code => {
    const evidence = filesOf(code).filter(path => path.startsWith('evidence/'))
    expect(evidence).not.toEqual([])
    for (const path of evidence) {
      const { expect: verdict, shown } = await read(path)
      expect([path, verdict === 'holds']).toEqual([path, false])
      expect([path, documentOf(shown['text'] === undefined ? bytesOf(shown) : String(shown['text'])).code]).toEqual([
        path,
        code,
      ])
    }
  })

  test('an audit of the honest logs finds nothing, and nothing in the details that stand beside them', async () => {
    const logs = [...there].filter(path => /^log\/honest-(?:twin|due)-/.test(path))
    expect(logs.length).toBeGreaterThan(15)
    for (const path of logs) {
      const { trust, shown } = (await read(path)) as Lie & { shown: Shown; trust: { policy: string } }
      const checkpoint = openCheckpoint(utf8Encode(shown.checkpoint), parsePolicy(utf8Encode(trust.policy)))
      const target = { note: utf8Encode(shown.checkpoint), checkpoint, refused: undefined, earlier: undefined }
      const held = (shown.details ?? []).map(({ salt, text }) => {
        return [keyOf(commitmentOf({ salt: fromBase64(salt), text })), text] as const
      })
      const texts = (shown.rules ?? []).map(text => [toHex(engine().sha256(utf8Encode(text))), text] as const)
      const rewards = new Rewards(new Map(held), new Map(texts))
      const source = logInMemory(shown.entries.map(fromBase64), shown.salts.map(fromBase64))
      const options = { source, rewards, onProgress() {}, tuning: { thread: false } }
      const { report } = await new Attempt(options, target).run()
      expect([path, report.entries, report.faults]).toEqual([path, checkpoint.size, []])
      const { evaluated, tiers } = report.rewards!
      expect([path, evaluated.issues + tiers.evaluated]).toEqual([path, held.length])
    }
  })
})

interface Shown {
  readonly checkpoint: string
  readonly entries: readonly string[]
  readonly salts: readonly string[]
  readonly details?: readonly { readonly salt: string; readonly text: string }[]
  /** Texts of rules that the log names. */
  readonly rules?: readonly string[]
}

const bytesOf = (shown: Lie['shown']) => new TextDecoder().decode(fromBase64(String(shown['bytes'])))

/** The document of evidence, which stands on the first line where the log is carried after it. */
const documentOf = (text: string) => JSON.parse(text.includes('\n{') ? text.slice(0, text.indexOf('\n')) : text)
