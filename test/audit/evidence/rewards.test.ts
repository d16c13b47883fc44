import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toBase64 } from '../../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import { formatPolicy } from '../../../src/core/note/policy.ts'
import { keyFromSeed, writeKey } from '../../../src/files/key-files.ts'
import { loadEngine } from '../../../src/node/native-engine.ts'
import { TAOBAO_RULE_TEXT } from '../../../src/programmes/index.ts'
import type { EvidenceFile } from '../../../src/verify/evidence/evidence-file.ts'
import { tally } from '../../cli/run.ts'
import { ServedWorld } from '../../http/server.ts'
import { hash } from '../../lies/make/shop.ts'
import { outsiderSeesReward } from '../../verify/evidence/evidence-outsider.ts'
import { BUDGET, EVERY_BUDGET, FIRST_MEMBER } from '../../world.ts'

const HOUR_MS = 3_600_000

describe('evidence of what stands at the end of a log, and of rewards', () => {
  let served: ServedWorld
  let folder: string

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    folder = await mkdtemp(join(tmpdir(), 'tally-evidence-'))
    served = await ServedWorld.create()
    await writeFile(join(folder, 'policy'), formatPolicy(served.world.policy))
    await writeKey(join(folder, 'auditor.json'), keyFromSeed('auditor', served.keys.auditor.seed))
    await mkdir(join(folder, 'alone'))
    await copyFile(join(folder, 'policy'), join(folder, 'alone/policy'))
  })
  afterAll(async () => {
    await served.destroy()
    await rm(folder, { recursive: true, force: true })
    useEngine(portableEngine)
  })
  const audit = (...more: readonly string[]) =>
    tally(folder, 'audit', served.url, '--policy', 'policy', '--key', 'auditor.json', ...more)
  const verify = (...more: readonly string[]) => tally(join(folder, 'alone'), 'verify', ...more, '--policy', 'policy')

  const SECOND = 1_511_625_540
  const lineOf = (text: string) => JSON.stringify({ salt: toBase64(hash(`salt ${text}`)), text })
  const commitment = (text: string) =>
    new Uint8Array(
      createHash('sha256')
        .update(hash(`salt ${text}`))
        .update(text)
        .digest(),
    )

  test('a wrong reward, with the details of the issues that it takes and of no others', async () => {
    const { world } = served
    const rule = world.log.ledger.state.registry.records.length
    const digest = hash(TAOBAO_RULE_TEXT)
    await world.submit(
      [world.root],
      world.bytes({ kind: 'publish-rule', name: 'behaviour-v1', digest, budgets: EVERY_BUDGET }),
    )
    const views = Array.from({ length: 41 }, (_, i) => `7,${i},1,pv,${SECOND + i},0`)
    const buys = [`7,1,1,buy,${SECOND},0`, `8,1,1,buy,${SECOND},0`]
    const all = [...views, ...buys]
    await writeFile(join(folder, 'details.jsonl'), all.map(text => `${lineOf(text)}\n`).join(''))
    const paid = async (...list: readonly (readonly [text: string, amount: number])[]) => {
      const { index } = await world.submit(
        [world.issuer],
        ...list.map(([text, amount]) =>
          world.bytes({ kind: 'issue', debit: BUDGET, credit: FIRST_MEMBER, amount, rule, details: commitment(text) }),
        ),
      )
      await world.log.publisher.publish()
      return index! + list.length
    }
    const cases: readonly [what: string, list: [string, number][], shown: readonly string[]][] = [
      [
        'double',
        [
          [buys[1]!, 50],
          [buys[0]!, 100],
        ],
        [buys[0]!],
      ],
      ['twice', [[buys[1]!, 50]], [buys[1]!, buys[1]!]],
      ['beyond the cap', views.map(text => [text, 1]), views],
    ]
    // Each is found where the one before was not given out: details that are not held accuse nobody.
    let held = all
    for (const [what, list, shown] of cases) {
      const at = await paid(...list)
      const details = join(folder, `${what}.jsonl`)
      await writeFile(details, held.map(text => `${lineOf(text)}\n`).join(''))
      const bare = await audit('--details', details, '--evidence', `alone/${what}.json`)
      expect([bare.status, bare.out]).toEqual([1, expect.stringContaining('It lacks the details of the issues.')])
      const ran = await audit('--details', details, '--evidence', `alone/${what}.jsonl`, '--evidence-details')
      expect(ran.out).toContain('It convicts the operator by itself')
      expect(ran.out).toMatch(/It shows the details of \d+ issues?, salt and text: personal data\./)
      const text = await readFile(join(folder, `alone/${what}.jsonl`), 'utf8')
      const document = JSON.parse(text.split('\n')[0]!) as EvidenceFile
      expect(document.evidence.at).toBe(at)
      expect(document.evidence.details!.map(one => one.text)).toEqual([...new Set(shown)])
      const found = await verify(`${what}.jsonl`)
      expect([found.status, found.out]).toEqual([0, expect.stringContaining('the details are those that the issues')])
      expect(found.out).toMatch(new RegExp(`at entry +${at}\n +code +reward`))
      const { publicKey } = world.log.logKey
      expect(outsiderSeesReward(text, publicKey, TAOBAO_RULE_TEXT)).toBe(what === 'double')
      // Without them, and with others, it shows nothing; with them from elsewhere, it does.
      const short = ['--log', served.url, '--key', '../auditor.json']
      expect(await verify(`${what}.json`, ...short)).toMatchObject({
        status: 1,
        out: expect.stringContaining('--details'),
      })
      expect(await verify(`${what}.json`, ...short, '--details', details)).toMatchObject({ status: 0 })
      const salted = document.evidence.details!.map(one => ({
        ...one,
        text: one.text.replace('7,', '9,').replace('8,', '9,'),
      }))
      const lie = { ...document, evidence: { ...document.evidence, details: salted } }
      await writeFile(join(folder, 'alone/lie.jsonl'), [JSON.stringify(lie), ...text.split('\n').slice(1)].join('\n'))
      expect(await verify('lie.jsonl')).toMatchObject({ status: 1, out: expect.stringContaining('(not-proven, ') })
      held = held.filter(text => !shown.includes(text) || what === 'double')
      if (what === 'double') held = held.filter(text => text !== buys[0])
    }
    expect((await audit('--evidence-details')).status).toBe(2)
  })

  test('points that stand a day past their expiry', async () => {
    const { world } = served
    const hour = Math.ceil(world.nowMs / HOUR_MS)
    const dated = { kind: 'issue', debit: BUDGET, credit: FIRST_MEMBER, amount: 30, expires: 4 * (hour + 1) } as const
    await world.submit([world.issuer], world.bytes(dated))
    world.nowMs = (hour + 1) * HOUR_MS
    for (let hours = 0; hours < 25; hours++) {
      await world.log.publisher.publish()
      world.nowMs += HOUR_MS
    }
    await world.log.publisher.publish()
    const { size } = world.log
    const ran = await audit('--evidence', 'alone/overdue.jsonl')
    expect([ran.status, ran.out]).toEqual([1, expect.stringContaining('It convicts the operator by itself')])
    const found = await verify('overdue.jsonl')
    expect([found.status, found.out]).toEqual([
      0,
      expect.stringMatching(new RegExp(`at entry +${size - 1}\n +code +overdue`)),
    ])
    // The same of an earlier seal, or of a part of the log, is not said.
    const [first, ...bundles] = (await readFile(join(folder, 'alone/overdue.jsonl'), 'utf8')).split('\n')
    const document = JSON.parse(first!) as EvidenceFile
    const lie = { ...document, evidence: { ...document.evidence, at: size - 2 } }
    await writeFile(join(folder, 'alone/lie.jsonl'), [JSON.stringify(lie), ...bundles].join('\n'))
    expect(await verify('lie.jsonl')).toMatchObject({ status: 1, out: expect.stringContaining('(not-proven, ') })
  })
})
