import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromBase64 } from '../../src/core/bytes.ts'
import { signEd25519 } from '../../src/core/crypto/ed25519.ts'
import { decodeSubmission, encodeSubmission } from '../../src/core/entry/submission.ts'
import { decodeRefusal, encodeRefusal, type RefusalFile, refusalMessage } from '../../src/verify/refusal.ts'
import { Served, tally } from '../cli/run.ts'

const POLICY = ['--policy', 'data/policy']

describe('anyone who is refused can show it to others', () => {
  let served: Served
  const file = (name: string) => join(served.directory, name)
  const run = (...args: string[]) => tally(served.directory, ...args)
  const refusals = () => readdirSync(served.directory).filter(name => name.endsWith('.refusal'))

  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tally-refusal-'))
    expect((await tally(directory, 'init', '--data', 'data')).status).toBe(0)
    const settings = join(directory, 'data/ledger.json')
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('"periodMs": 1000', '"periodMs": 20'))
    served = await Served.start(directory)
    expect((await served.run('account', 'open')).status).toBe(0)
    await run('keygen', '--out', 'stranger.key.json')
    // A key file that says it is the owner's of account 3, and is not.
    const key = JSON.parse(readFileSync(file('stranger.key.json'), 'utf8')) as object
    writeFileSync(file('forged.key.json'), JSON.stringify({ ...key, account: 3 }), { mode: 0o600 })
  })
  afterAll(() => served.destroy())

  test('of a transaction: the commands that the error names prove it, as they stand', async () => {
    for (const args of [
      ['redeem', '--from', '3', '--to', '0', '--amount', '6', '--key', 'data/members/3.key.json'],
      ['issue', '--to', '77', '--amount', '6'],
    ]) {
      const refused = await served.run(...args)
      expect([refused.status, refused.out]).toEqual([1, ''])
      expect(refused.err).toMatch(/ \([a-z]+, entry \d+ of the log, SPEC §8\)\nTo prove to anyone what the ledger said/)
      const [receipt, verify] = [...refused.err.matchAll(/^ {2}tally (.+)$/gm)].map(match => match[1]!.split(' '))
      const fetched = await run(...receipt!)
      expect([receipt, fetched.status, fetched.out]).toEqual([receipt, 0, ''])
      const { status, out } = await run(...verify!.map(word => (word === 'POLICY' ? 'data/policy' : word)))
      expect([status, out]).toEqual([0, expect.stringMatching(/outcome +refused: (insufficient|credit-unknown), /)])
    }
  })

  test('of transactions of an import: the first of each reason is named', async () => {
    expect((await served.run('budget', 'terms', '--account', '1', '--from', '2999-01-01')).status).toBe(0)
    writeFileSync(file('events.csv'), '1,2,3,buy,1511658000\n2,2,3,buy,1511658001\n')
    const imported = await served.run('import', '--format', 'taobao', 'events.csv')
    expect(imported.status).toBe(1)
    const [, count, first] = /refused: ([a-z-]+) +2 +the first is entry (\d+)\n/.exec(imported.out) ?? []
    expect([count, imported.out]).toEqual([
      'budget-closed',
      expect.stringContaining(`\n  tally receipt ${first} --out`),
    ])
    const again = await served.run('import', '--format', 'taobao', 'events.csv', '--json')
    // It was tried again, and is refused under other ids.
    const { firstRefused } = JSON.parse(again.out) as { firstRefused: Record<string, number> }
    expect(firstRefused['budget-closed']).toBeGreaterThan(Number(first))
    const receipt = await served.run('receipt', first!, '--out', 'r')
    expect([receipt.status, (await run('verify', 'r', ...POLICY)).out]).toEqual([
      0,
      expect.stringContaining('refused: budget-closed, '),
    ])
  })

  describe('of a whole batch, of which nothing is in the log', () => {
    let refusal: RefusalFile
    let name: string
    beforeAll(async () => {
      const shown = await served.run('account', 'show', '3', '--key', 'forged.key.json')
      expect([shown.status, shown.err]).toEqual([1, expect.stringMatching(/^tally: token-invalid: /)])
      const gift = await served.run('gift', '--from', '3', '--to', '3', '--amount', '1', '--key', 'forged.key.json')
      expect([gift.status, gift.out, gift.err]).toEqual([
        1,
        '',
        expect.stringMatching(
          /^tally: signature-invalid: .*\n.*is kept.*\n {2}tally verify [0-9a-f]{16}\.refusal --policy/,
        ),
      ])
      name = /tally verify (\S+)/.exec(gift.err)![1]!
      expect(refusals()).toEqual([name])
      refusal = decodeRefusal(readFileSync(file(name)))
    })
    const verified = async (bytes: Uint8Array, policy = POLICY, shown = 'shown') => {
      writeFileSync(file(shown), bytes)
      return run('verify', shown, ...policy)
    }

    test('it was handed in, and what the ledger said of it', async () => {
      const { status, out } = await run('verify', name, ...POLICY)
      expect([status, out]).toEqual([0, expect.stringMatching(/^[0-9a-f]{16}\.refusal: the refusal HOLDS\n/)])
      for (const line of [
        /^ {2}reason +signature-invalid: a signature does not verify under the key that it names$/m,
        /^ {2}signers named +the owner of account 3$/m,
        new RegExp(`^  log size +${refusal.size}$`, 'm'),
        new RegExp(`^  refused at +${new Date(refusal.time).toISOString()}$`, 'm'),
        /^ {2}\+ the log refused these transactions, with these signatures$/m,
        new RegExp(`^  - whether the reason is true: the first ${refusal.size} entries of the log `, 'm'),
        /^ {2}\d{4}-\S+Z +transfer +[0-9a-f]{32}$/m,
      ])
        expect(out).toMatch(line)
      const json = await run('verify', name, ...POLICY, '--json')
      expect(JSON.parse(json.out)).toMatchObject({ holds: true, what: 'refusal', facts: { transactions: 1 } })
    })

    test('and nothing else was: a change of it does not hold', async () => {
      const { signatures } = decodeSubmission(refusal.submission)
      const { transactions } = decodeRefusal(encodeRefusal(refusal))
      const [one, other] = [transactions.bytes.slice(transactions.starts[0], transactions.ends[0]), new Uint8Array(64)]
      const submission = encodeSubmission([{ ...signatures[0]!, ed25519: other }], [one])
      const changes: Partial<RefusalFile>[] = [
        { submission },
        { submission: encodeSubmission([{ ...signatures[0]!, number: 4 }], [one]) },
        { submission: encodeSubmission(signatures, [one, one]) },
        { time: refusal.time + 1 },
        { size: refusal.size - 1 },
        { code: 'signer-revoked' },
        { ledgerId: new Uint8Array(32) },
      ]
      const shown = changes.map((change, i) =>
        verified(encodeRefusal({ ...refusal, ...change }), POLICY, `change-${i}`),
      )
      for (const [i, { status, out, err }] of (await Promise.all(shown)).entries()) {
        expect([changes[i], status, err]).toEqual([changes[i], 1, ''])
        expect(out).toMatch(
          /^change-\d: DOES NOT HOLD\n\n {2}no log of your policy signed that it refused this batch, /,
        )
        expect(out).toContain('(refusal-signature, SPEC §9)\n\nThe promise that was broken: ')
      }
      const cut = await verified(encodeRefusal(refusal).subarray(0, -1))
      expect([cut.status, cut.err]).toEqual([2, expect.stringMatching(/^tally: cbor: /)])
    })

    test('under the policy of another log it does not hold', async () => {
      expect((await run('init', '--data', 'other')).status).toBe(0)
      const { status, out } = await verified(encodeRefusal(refusal), ['--policy', 'other/policy'])
      expect([status, out]).toEqual([1, expect.stringContaining('(refusal-signature, SPEC §9)')])
    })

    test('a reason that is false on its face convicts the ledger', async () => {
      const { seed } = JSON.parse(readFileSync(file('data/keys/log.json'), 'utf8')) as { seed: string }
      const pretext = { ...refusal, code: 'batch-genesis' as const }
      const { signatures, transactions } = decodeSubmission(refusal.submission)
      const signature = signEd25519(fromBase64(seed), refusalMessage(pretext, signatures, transactions))
      const { status, out } = await verified(encodeRefusal({ ...pretext, signature }))
      expect([status, out]).toEqual([0, expect.stringContaining('A batch is refused only for a reason that is true.')])
      expect(out).toContain(
        '+ the reason is false: the log had its genesis, and there is none among these transactions',
      )
    })

    test('it can be looked at, trusted or not', async () => {
      const { status, out } = await run('inspect', name)
      expect([status, JSON.parse(out)]).toMatchObject([
        0,
        {
          file: 'refusal',
          code: 'signature-invalid',
          size: refusal.size,
          signatures: [{ class: 1, number: 3 }],
          transactions: [{ kind: 'transfer', debit: 3, amount: 1 }],
        },
      ])
    })

    test('a second refusal is another file', async () => {
      const gift = ['gift', '--from', '3', '--to', '3', '--amount', '1', '--key', 'forged.key.json']
      expect((await served.run(...gift)).status).toBe(1)
      expect(refusals().length).toBe(2)
      expect(refusals()).toContain(name)
    })
  })
})
