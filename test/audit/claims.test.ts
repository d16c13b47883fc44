import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditLog } from '../../src/audit/audit.ts'
import { accuse } from '../../src/audit/evidence/accuse.ts'
import { decodeBatch, encodeBatch } from '../../src/core/entry/batch.ts'
import { CLAIMED_BEFORE } from '../../src/core/entry/outcome.ts'
import { convict } from '../../src/verify/evidence/convict.ts'
import { ForgedLog } from '../cli/forged-log.ts'
import { ServedWorld } from '../http/server.ts'
import { COINS, FIRST_MEMBER, keyNumber, TREASURY } from '../world.ts'

let honest: ServedWorld
let forged: ForgedLog
let truth: Uint8Array[]
let [first, second] = [0, 0]

beforeAll(async () => {
  honest = await ServedWorld.create()
  const { world } = honest
  const plain = { unit: COINS, terms: world.terms(COINS), nonce: new Uint8Array(32) }
  await world.submit([world.treasurer], world.bytes({ kind: 'open-account', accountKind: 'series', ...plain }))
  const series = world.log.ledger.state.accounts.count - 1
  const merchant = world.log.ledger.state.registry.records.length
  await world.submit([world.root], world.bytes(world.registerKey('merchant', keyNumber(7), [TREASURY])))
  await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1000)))
  const claim = (n: number) =>
    world.bytes({
      kind: 'claim',
      debit: FIRST_MEMBER,
      credit: TREASURY,
      amount: 10,
      series,
      ref: new Uint8Array(16).fill(n),
    })
  first = (await world.submit([{ record: merchant, key: keyNumber(7) }, world.owner(FIRST_MEMBER)], claim(1), claim(2)))
    .index!
  await world.log.publisher.publish()
  second = (
    await world.submit([{ record: merchant, key: keyNumber(7) }, world.owner(FIRST_MEMBER)], claim(3), claim(2))
  ).index!
  await world.log.publisher.publish()
  forged = await ForgedLog.serve(honest)
  truth = await forged.truth()
})
afterAll(async () => {
  await forged.close()
  await honest.destroy()
})

const auditOf = (entries: readonly Uint8Array[]) => {
  forged.show(entries)
  return auditLog({ client: forged.client, policy: honest.world.policy, onProgress() {} })
}

test('a thing that the log let be claimed twice convicts by itself, by the claims alone (SPEC §11)', async () => {
  expect((await auditOf(truth)).report.faults).toEqual([])
  const batch = decodeBatch(truth[second]!)
  expect([...batch.statuses]).toEqual([0, CLAIMED_BEFORE])
  const audit = await auditOf(truth.with(second, encodeBatch({ ...batch, statuses: new Uint8Array(2) })))
  expect(audit.report.faults.map(({ code, at }) => [code, at])).toEqual([
    ['claim-twice', second],
    ['batch-statuses', second],
  ])
  const file = await accuse(audit, honest.world.policy, { url: forged.url, time: '2027-01-15T08:00:00Z' })
  expect([file.code, file.needs]).toEqual(['claim-twice', 'nothing'])
  expect(file.evidence.entries?.map(({ index }) => index)).toEqual([first, first + 2, second, second + 2])
  expect(convict(file, honest.world.policy)).toMatchObject({ code: 'claim-twice' })
})

test('another status that is false is no claim that was made twice', async () => {
  const batch = decodeBatch(truth[first]!)
  const audit = await auditOf(truth.with(first, encodeBatch({ ...batch, statuses: Uint8Array.of(0, 1) })))
  expect(audit.report.faults.map(({ code }) => code)).toEqual(['batch-statuses'])
})
