import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Served, tally } from '../run.ts'

// What the first start makes: accounts 0 treasury, 1 budget, 2 expired; members from 3 on.
const [TREASURY, BUDGET, ANNA, BERT] = ['0', '1', '3', '4']

describe('a programme on the command line', () => {
  let served: Served
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tally-programme-'))
    expect((await tally(directory, 'init', '--data', 'data')).status).toBe(0)
    // Every command here waits for its seal: let them come at once.
    const settings = join(directory, 'data/ledger.json')
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('"periodMs": 1000', '"periodMs": 20'))
    served = await Served.start(directory)
  })
  afterAll(() => served.destroy())

  /** Runs a command that has to succeed, and returns the JSON that it prints. */
  async function run<T = { id: string; index: number; account: number }>(...args: string[]): Promise<T> {
    const { status, out, err } = await served.run(...args, '--json')
    expect([args.join(' '), status, err]).toEqual([args.join(' '), 0, ''])
    return JSON.parse(out) as T
  }
  const refused = async (...args: string[]) => {
    const { status, err } = await served.run(...args)
    expect(status, args.join(' ')).toBe(1)
    return /^tally: ([a-z-]+):/.exec(err)?.[1]
  }
  const publicKey = async (file: string) => {
    const { out } = await tally(served.directory, 'keygen', '--out', file, '--json')
    return (JSON.parse(out) as { public: string }).public
  }

  test('points with dates, a hold, its capture, a refund, and a clawback', async () => {
    const recovery = await publicKey('home.key.json')
    await run('account', 'open', '--recovery', recovery, '--recovery-delay', '1h')
    await run('account', 'open')
    const { index } = await run('issue', '--to', ANNA, '--amount', '100', '--matures', '14d', '--expires', '90d')
    await run('issue', '--to', ANNA, '--amount', '80')
    expect(await run('account', 'show', ANNA)).toMatchObject({ balance: 180, pending: 100, available: 80 })
    expect(await refused('redeem', '--from', ANNA, '--to', '0', '--amount', '81')).toBe('insufficient')
    const held = await run('hold', '--from', ANNA, '--to', TREASURY, '--amount', '50', '--for', '2h')
    expect(await run('account', 'show', ANNA)).toMatchObject({ balance: 180, held: 50, available: 30 })
    expect((await served.run('account', 'show', ANNA)).out).toMatch(new RegExp(`hold +50 for account 0 .*${held.id}`))
    const capture = ['capture', '--from', ANNA, '--to', TREASURY, '--hold', held.id, '--amount']
    expect(await refused(...capture, '51')).toBe('over-original')
    const taken = await run(...capture, '40')
    await run('refund', '--from', TREASURY, '--to', ANNA, '--amount', '15', '--original', taken.id)
    expect(await run('account', 'show', ANNA)).toMatchObject({ balance: 155, held: 0, available: 55 })
    const { entries } = { entries: await run<{ index: number; kind: string }[]>('account', 'entries', ANNA) }
    expect(entries.map(({ kind }) => kind)).toEqual(['open-account', 'issue', 'issue', 'hold', 'capture', 'reverse'])
    const shown = await served.run('account', 'show', ANNA, '--size', String(index + 2))
    expect(shown.out).toMatch(/available +0\n *pending +100/)
    const again = await run('hold', '--from', ANNA, '--to', TREASURY, '--amount', '5', '--for', '2h')
    await run('release', '--account', ANNA, '--hold', again.id)
    expect(await refused('gift', '--from', ANNA, '--to', BERT, '--amount', '1')).toBe('no-gifts')
  })

  test('the statement of all that verifies offline, and names what each entry was', async () => {
    await served.run('statement', ANNA, '--out', 's', '--signatures')
    const { status, out } = await tally(served.directory, 'verify', 's', '--policy', 'data/policy')
    expect([status, out]).toEqual([0, expect.stringMatching(/available +55.*\n(.*\n)*.*capture +-40/)])
  })

  test('accounts: frozen, rotated, recovered, vetoed, listed, closed', async () => {
    await run('account', 'freeze', '--account', ANNA)
    expect(await refused('redeem', '--from', ANNA, '--to', '0', '--amount', '1')).toBe('account-frozen')
    await run('account', 'unfreeze', '--account', ANNA)
    const fresh = await publicKey('fresh.key.json')
    await run('account', 'recover', '--account', ANNA, '--public', fresh, '--recovery', '0=home.key.json')
    expect(await refused('account', 'finish-recovery', '--account', ANNA)).toBe('not-due')
    await run('account', 'veto', '--account', ANNA)
    await run('account', 'rotate', '--account', ANNA, '--public', fresh)
    expect((await served.run('redeem', '--from', ANNA, '--to', '0', '--amount', '1')).status).not.toBe(0)
    const key = JSON.parse(readFileSync(join(served.directory, 'fresh.key.json'), 'utf8')) as object
    writeFileSync(join(served.directory, 'anna.key.json'), JSON.stringify({ ...key, account: 3 }), { mode: 0o600 })
    await run('redeem', '--from', ANNA, '--to', '0', '--amount', '1', '--key', 'anna.key.json')
    expect(await refused('account', 'close', '--account', ANNA)).toBe('not-empty')
    await run('account', 'close', '--account', BERT)
    const listed = await run<{ number: number; status: string }[]>('account', 'list', '--after', '2')
    expect(listed.map(({ number, status }) => [number, status])).toEqual([
      [3, 'open'],
      [4, 'closed'],
    ])
  })

  test('units, budgets, keys, rules and rates', async () => {
    await run(
      'unit',
      'define',
      '--name',
      'energy',
      '--cap',
      '1000',
      '--gift-each',
      '5',
      '--gift-day',
      '9',
      '--window',
      '30d',
    )
    const units = await run<{ name: string; record: number }[]>('unit', 'list')
    expect(units).toMatchObject([{ name: 'coins' }, { name: 'energy', giftEach: 5, windowMs: 30 * 86_400_000 }])
    const energy = String(units[1]!.record)
    const treasury = await run('budget', 'open', '--unit', energy, '--kind', 'treasury')
    const budget = await run('budget', 'open', '--unit', energy)
    await run('budget', 'fund', '--from', String(treasury.account), '--to', String(budget.account), '--amount', '500')
    await run('budget', 'terms', '--account', BUDGET, '--member-day', '50')
    expect((await served.run('budget', 'list')).out).toMatch(/ memberDay 50 +6\n.* 500 +- +- +-$/m)
    const terms = async () => (await run<{ terms: object }[]>('budget', 'list'))[0]!.terms
    await run('budget', 'terms', '--account', BUDGET, '--until', '2099-12-24T18:00+02:00')
    expect(await terms()).toMatchObject({ from: 0, until: Date.parse('2099-12-24T16:00Z'), memberDay: 50 })
    await run('budget', 'terms', '--account', BUDGET, '--until', 'none')
    expect(await terms()).toMatchObject({ until: 0, memberDay: 50 })
    // A budget without points, whose caps are over all that name it; they stay when others are set.
    const unit = String(units[0]!.record)
    const pool = String((await run('budget', 'open', '--unit', unit)).account)
    await run('budget', 'terms', '--account', pool, '--member-day', '40')
    await run('budget', 'terms', '--account', BUDGET, '--pools', pool)
    await run('budget', 'terms', '--account', BUDGET, '--member-day', '45')
    expect(await terms()).toMatchObject({ memberDay: 45, pools: [Number(pool)] })
    const anyone = String((await run('account', 'open')).account)
    expect(await refused('issue', '--to', anyone, '--amount', '41')).toBe('over-member-cap')
    expect((await served.run('budget', 'list')).out).toMatch(/ memberDay 45, pools \d+ +6\n/)
    await run('budget', 'terms', '--account', BUDGET, '--member-day', '50', '--pools', 'none')
    expect(await terms()).toMatchObject({ memberDay: 50, pools: [] })
    expect((await served.run('budget', 'terms', '--account', BUDGET, '--from', '24.12.2099')).err).toMatch(/2026-12-24/)
    const carla = await run<{ account: number }>('account', 'open')
    const to = String(carla.account)
    // Beyond the cap at once: between two issues a day may end.
    expect(await refused('issue', '--to', to, '--amount', '51')).toBe('over-member-cap')
    const issued = await run('issue', '--to', to, '--amount', '50')
    const { id } = await run('redeem', '--from', to, '--to', '0', '--amount', '20')
    await run('refund', '--from', TREASURY, '--to', to, '--amount', '20', '--original', id)
    await run('clawback', '--from', to, '--to', BUDGET, '--amount', '50', '--original', issued.id)
    const back = ['reinstate', '--from', TREASURY, '--to', to, '--amount', '5', '--original', id]
    expect(await refused(...back, '--expires', '2099-12-31T16:00Z')).toBe('debit-kind')
    const budgets = await run<object[]>('budget', 'list')
    expect(budgets).toMatchObject([
      { account: 1, terms: { memberDay: 50 } },
      { account: budget.account, left: 500, issuers: [] },
      { account: Number(pool), left: 0 },
    ])
    const issuer = await publicKey('energy.key.json')
    await run('key', 'register', '--public', issuer, '--role', 'issuer', '--scope', String(budget.account))
    const keys = await run<{ record: number; key: string; until: number }[]>('key', 'list')
    const { record } = keys.find(({ key }) => key === issuer)!
    const published = ['rule', 'publish', '--name', 'walk', '--digest', '0'.repeat(64), '--budgets', BUDGET]
    const walk = await run<{ record: number }>(...published)
    expect(await run('rule', 'list')).toMatchObject([{ record: walk.record, name: 'walk', digest: '0'.repeat(64) }])
    const rate = ['--budget', String(budget.account), '--give', '10', '--get', '1']
    await run('rate', 'publish', '--name', 'tree', '--unit', String(units[0]!.record), ...rate)
    expect(await run('rate', 'list')).toMatchObject([{ name: 'tree', give: 10, get: 1, life: 0 }])
    const tree = (await run<{ record: number }[]>('rate', 'list'))[0]!.record
    await run('budget', 'terms', '--account', BUDGET, '--member-day', '0')
    await publicKey('dora.key.json')
    const key = ['--key', 'dora.key.json']
    const opened = async (...args: string[]) => String((await run('account', 'open', ...args)).account)
    const paying = await opened('--owner', 'dora.key.json')
    const mine = await opened('--owner', 'dora.key.json', '--unit', energy)
    const hers = await opened('--unit', energy)
    await run('issue', '--to', paying, '--amount', '30')
    const convert = ['convert', '--from', paying, '--to', '0', '--rate', String(tree), '--account', mine, ...key]
    expect((await served.run(...convert, '--amount', '25')).err).toMatch(/^tally: rate:.* give a multiple/)
    await run(...convert, '--amount', '30')
    expect(await run('account', 'show', mine)).toMatchObject({ balance: 3, unit: 'energy' })
    const gift = ['gift', '--from', mine, '--to', hers, '--amount', '2', ...key]
    expect(await refused(...gift, '--expires', '2099-12-31T18:00Z')).toBe('insufficient')
    expect((await served.run(...gift, '--expires', '2099-12-31T18:20Z')).err).toMatch(/Expected a full quarter/)
    await run(...gift)
    expect(await run('account', 'show', hers)).toMatchObject({ balance: 2 })
    const next = await publicKey('energy2.key.json')
    await run('key', 'rotate', '--record', String(record), '--public', next)
    expect((await run<object[]>('key', 'list')).at(-1)).toMatchObject({
      role: 'issuer',
      key: next,
      scope: String(budget.account),
      until: 0,
    })
    const newest = (await run<{ record: number }[]>('key', 'list')).at(-1)!.record
    await run('key', 'revoke', '--record', String(newest), '--reason', '2')
    expect(
      (await run<{ record: number; until: number }[]>('key', 'list')).find(one => one.record === record)!.until,
    ).toBeGreaterThan(0)
  })

  test('consents and details', async () => {
    const terms = '11'.repeat(32)
    const keys = await run<{ record: number; role: string }[]>('key', 'list')
    const to = String(keys.find(({ role }) => role === 'merchant')!.record)
    const key = ['--key', 'anna.key.json']
    const given = await run('consent', 'grant', '--account', ANNA, '--to', to, '--terms', terms, '--for', '30d', ...key)
    expect(await run('consent', 'list', ANNA)).toMatchObject([{ id: given.id, isStanding: true }])
    expect((await served.run('consent', 'check', ANNA, given.id)).status).toBe(0)
    writeFileSync(join(served.directory, 'order.txt'), 'two books')
    const { out } = await served.run('details', 'put', '--account', ANNA, '--file', 'order.txt')
    const { commitment } = JSON.parse(out) as { commitment: string }
    const merchant = ['--key', 'data/keys/merchant.json']
    expect((await served.run('details', 'show', commitment, ...merchant)).err).toMatch(/not-consented/)
    expect((await served.run('details', 'show', commitment, '--consent', given.id, ...merchant)).out).toMatch(
      /two books/,
    )
    await run('consent', 'withdraw', '--account', ANNA, '--consent', given.id, ...key)
    expect((await served.run('consent', 'check', ANNA, given.id)).status).toBe(1)
    expect((await served.run('details', 'erase', commitment)).out).toMatch(/^Erased; entry \d+ says so/)
    expect((await served.run('details', 'show', commitment)).err).toMatch(/details-erased/)
    expect((await tally(served.directory, 'audit', served.url, '--json')).status).toBe(0)
  })

  test('two accounts of one person become one, and two again', async () => {
    const opened = async () => String((await run('account', 'open')).account)
    const [one, other] = [await opened(), await opened()]
    await run('issue', '--to', one, '--amount', '30')
    await run('issue', '--to', other, '--amount', '12')
    const merge = ['account', 'merge', one, other]
    expect(await run(...merge, '--dry-run')).toMatchObject({ outcome: 'accepted' })
    expect((await served.run(...merge, '--undo')).err).toMatch(/^tally: account: .* was never merged/)
    await run(...merge)
    expect(await run('account', 'show', one)).toMatchObject({ balance: 0, status: 'merged' })
    expect(await run('account', 'show', other)).toMatchObject({ balance: 42 })
    expect(await refused('issue', '--to', one, '--amount', '1')).toBe('account-closed')
    await run(...merge, '--undo', '--amount', '20')
    await run('issue', '--to', one, '--amount', '1')
    expect(await run('account', 'show', one)).toMatchObject({ balance: 21 })
  })

  test('groups list their commands, and help has examples', async () => {
    const { out } = await tally(served.directory, 'consent', '--help')
    const commands = [...out.matchAll(/^ {2}([a-z-]+) .+/gm)].map(match => match[1]!)
    expect(commands).toEqual(['grant', 'withdraw', 'list', 'check', 'help'])
    for (const path of ['hold', 'account recover'])
      expect((await tally(served.directory, ...path.split(' '), '--help')).out).toContain(`Examples:\n  tally ${path} `)
  })

  test('a thing of a series is claimed once, and a tier is set by a rule: the statement has both', async () => {
    const mine = String((await run('account', 'open')).account)
    await run('issue', '--to', mine, '--amount', '20')
    const [coins] = await run<{ record: number }[]>('unit', 'list')
    const open = ['budget', 'open', '--kind', 'series', '--unit', String(coins!.record)]
    const series = String((await run(...open)).account)
    const claim = ['claim', '--from', mine, '--to', TREASURY, '--amount', '5', '--series', series]
    await run(...claim)
    // A thing with a name is used up by its claim: who is paid for it signs, too.
    expect(await refused(...claim, '--thing', 'parcel-17')).toBe('not-entitled')
    const sold = [...claim, '--thing', 'parcel-17', '--with', 'data/keys/merchant.json']
    await run(...sold)
    expect(await refused(...sold)).toBe('claimed-before')
    const { record } = await run<{ record: number }>(
      'rule',
      'publish',
      '--name',
      'tiers',
      '--digest',
      '5'.repeat(64),
      '--budgets',
      BUDGET,
    )
    const tier = ['tier', 'set', '--account', mine, '--budget', BUDGET, '--rule', String(record), '--tier']
    await run(...tier, '2', '--for', '365d')
    expect(await run('account', 'show', mine)).toMatchObject({ statuses: [{ rule: record, tier: 2 }] })
    await served.run('statement', mine, '--out', 's2')
    const { out } = await tally(served.directory, 'verify', 's2', '--policy', 'data/policy')
    expect(out).toMatch(new RegExp(`number 0 of series ${series}\\n(.*\\n)*.*number 1 of series ${series}`))
    expect(out).toMatch(new RegExp(`tiers +2 by rule ${record}, until `))
    await run(...tier, '0')
    expect(await run('account', 'show', mine)).toMatchObject({ statuses: [] })
  })
})
