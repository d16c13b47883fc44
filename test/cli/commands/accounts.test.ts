import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memberRef } from '../../../src/client/index.ts'
import { Served, tally } from '../run.ts'

interface Opened {
  readonly account: number
  readonly index: number
}

describe('accounts under the names that a shop has for its members', () => {
  let served: Served
  let shop: { unit: number; merchant: number; secret: Uint8Array; custodian: number }
  beforeAll(async () => {
    served = await Served.start()
    expect((await served.run('setup', 'shop')).status).toBe(0)
    const file = JSON.parse(readFileSync(join(served.directory, 'shop.json'), 'utf8'))
    shop = {
      ...{ unit: file.units[0].record, merchant: file.units[0].merchant, custodian: file.keys.custodian.record },
      secret: new Uint8Array(Buffer.from(file.secret, 'base64')),
    }
  })
  afterAll(() => served.destroy())

  async function run<T = Opened>(...args: readonly string[]): Promise<T> {
    const { status, out, err } = await served.run(...args, '--json')
    expect([args.join(' '), status, err.replace(/^Made .*\n/, '')]).toEqual([args.join(' '), 0, ''])
    return JSON.parse(out) as T
  }
  const code = async (...args: readonly string[]) => {
    const { status, err } = await served.run(...args)
    return [status, /^tally: ([a-z-]+):/.exec(err)?.[1]]
  }

  test('of the platform: opened once, found again, by a secret that was made for that', async () => {
    expect(await code('account', 'find', '--ref', 'cust_1')).toEqual([2, 'key-missing'])
    const { account } = await run('account', 'open', '--ref', 'cust_1')
    const secret = join(served.directory, 'data/keys/import-secret.json')
    expect(statSync(secret).mode & 0o777).toBe(0o600)
    expect(await run('account', 'find', '--ref', 'cust_1')).toMatchObject({ account, sponsor: null })
    expect(await code('account', 'open', '--ref', 'cust_1')).toEqual([1, 'ref-taken'])
    expect(await code('account', 'find', '--ref', 'cust_2')).toEqual([1, 'ref-unknown'])
    expect((await served.run('account', 'find', '--ref', 'cust_1')).out).toBe(`Account ${account}.\n`)
    expect((await served.run('account', 'open', '--ref', 'a\nb')).status).toBe(2)
  })

  test('of the shop itself: its statement is verified offline, and says what its entries came to', async () => {
    const fetched = await served.run('statement', `${shop.merchant}`, '--out', 'shop.statement')
    expect([fetched.status, fetched.err]).toEqual([0, ''])
    const verify = ['verify', 'shop.statement', '--policy', 'data/policy']
    const { out, status, err } = await tally(served.directory, ...verify)
    expect([status, err]).toEqual([0, ''])
    expect(out).toMatch(/open-account +1, 0 points/)
    expect(out).not.toMatch(/owner|recovery/)
    const shown = JSON.parse((await tally(served.directory, ...verify, '--json')).out)
    expect(shown).toMatchObject({ who: { book: { asked: 0, sponsor: null, terms: null } } })
  })

  test('of a shop, by its file: as its gateway opens and finds them', async () => {
    const unit = ['--unit', `${shop.unit}`]
    const secret = ['--ref-secret', 'shop.json']
    const custody = ['--no-owner', '--custodian', `${shop.custodian}`]
    const { account } = await run('account', 'open', '--ref', 'cust_8842', ...unit, ...secret, ...custody)
    const found = await run('account', 'find', '--ref', 'cust_8842', ...unit, ...secret)
    expect(found).toEqual({ account, unit: shop.unit, sponsor: shop.merchant })
    // The same, said one by one; in another unit, or of the platform, she is nobody.
    const hex = Buffer.from(shop.secret).toString('hex')
    writeFileSync(join(served.directory, 'secret.hex'), `${hex}\n`, { mode: 0o600 })
    const said = ['--ref-secret', 'secret.hex', '--sponsor', `${shop.merchant}`]
    expect(await run('account', 'find', '--ref', 'cust_8842', ...unit, ...said)).toEqual(found)
    const nobody = [1, 'ref-unknown']
    expect(await code('account', 'find', '--ref', 'cust_8842', ...said)).toEqual(nobody)
    expect(await code('account', 'find', '--ref', 'cust_8842', ...unit, ...secret, '--sponsor', 'none')).toEqual(nobody)
    const [entry] = await run<{ entry: string }[]>('account', 'entries', `${account}`, '--limit', '1')
    const ref = Buffer.from(memberRef(shop.secret, shop.unit, 'cust_8842')).toString('hex')
    expect(Buffer.from(entry!.entry, 'base64').toString('hex')).toContain(ref)
  })

  test('a secret that others can read, or a file that has none, is refused', async () => {
    const [open, other] = [join(served.directory, 'open.hex'), join(served.directory, 'other')]
    writeFileSync(open, 'ab'.repeat(32), { mode: 0o644 })
    writeFileSync(other, 'a secret\n', { mode: 0o600 })
    expect(await code('account', 'find', '--ref', 'x', '--ref-secret', open)).toEqual([2, 'key-mode'])
    expect(await code('account', 'find', '--ref', 'x', '--ref-secret', other)).toEqual([2, 'key-file'])
    expect(await code('account', 'find', '--ref', 'x', '--ref-secret', 'nowhere')).toEqual([2, 'file'])
  })
})
