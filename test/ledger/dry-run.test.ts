import fc from 'fast-check'
import { expect, test } from 'vitest'
import { signerName } from '../../src/client/index.ts'
import { transactionsFrom } from '../../src/core/entry/batch.ts'
import { standsAlone } from '../../src/core/entry/group.ts'
import { makeId } from '../../src/core/entry/id.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { decodeTransaction, encodeTransaction } from '../../src/core/entry/transaction.ts'
import { runs } from '../runs.ts'
import { type Draft, fromDraft } from '../world.ts'
import { beginning, HOUR, QUARTER, START } from './beginning.ts'
import { command, draftOf, signers } from './commands.ts'
import { Driver } from './driver.ts'
import { dump } from './dump.ts'
import { leafOf, NaiveLedger, type NaiveSigner } from './naive/index.ts'

const batchOf = fc.record({
  signers,
  commands: fc.array(command, { minLength: 1, maxLength: 8 }),
  pause: fc.constantFrom(0, 1, 700, QUARTER / 2, QUARTER, HOUR),
  seal: fc.boolean(),
})

test('a dry run says what the batch gets afterwards, and leaves no trace: no id, no sum, no root (SPEC §11)', async () => {
  const told = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.noBias(fc.array(batchOf, { minLength: 30, maxLength: 30 })), async batches => {
      const [driver, naive] = [new Driver(), new NaiveLedger()]
      naive.rootOfLog = () => driver.root(naive.size)
      let [time, fresh] = [START, 1_000_000]
      const { ledger } = driver
      const sent: Uint8Array[] = []
      const entry = (one: Draft, offset: number, random: number) => {
        const bits = new Uint8Array(10)
        new DataView(bits.buffer).setUint32(2, random)
        const bytes = encodeTransaction(fromDraft(one, makeId(time + offset, bits)))
        if (one.kind !== 'genesis') sent.push(bytes)
        return bytes
      }
      const run = (by: readonly NaiveSigner[], list: Uint8Array[]) => {
        const outcomes = driver.submit(by, list, time)
        naive.submit(by, list, time, [])
        return outcomes
      }
      /** What a dry run says of it, after which all is as it was. */
      const tried = async (by: readonly NaiveSigner[], list: Uint8Array[], isWatched: boolean) => {
        const seen = () => (isWatched ? dump(ledger.state, driver.entries) : [])
        const before = seen()
        const signatures = by.map(one => ({ ...signerName(one), ed25519: new Uint8Array(64) }))
        const batch = { signatures, transactions: transactionsFrom(list, []) }
        const found = await ledger.tryOut(
          batch,
          () => time,
          async index => driver.entries[index]!,
        )
        expect(seen()).toEqual(before)
        return typeof found === 'string' ? found : Array.from(found, status => OUTCOMES[status]!)
      }
      for (const { signers: by, drafts } of beginning({ coins: { custody: 15 } }, record => leafOf(naive, record)))
        run(
          by,
          drafts.map(one => entry(one, 0, fresh++)),
        )
      for (const { signers: by, commands, pause, seal } of batches) {
        time += pause
        const list = commands.map(one =>
          one.again === null
            ? entry(draftOf(one, naive, time), one.offset, one.random)
            : sent[one.again % sent.length]!,
        )
        const may = list.filter(one => !standsAlone(decodeTransaction(one).kind))
        if (may.length === 0) continue
        // What is in the state is compared now and then: it costs as much as all the rest.
        const first = await tried(by, may, commands.length % 4 === 0)
        const outcomes = run(by, may)
        // What exists as a whole is answered with what it was, and is not judged again.
        if (outcomes !== undefined) expect(first).toEqual(outcomes)
        for (const one of [outcomes ?? []].flat()) told.add(one)
        if (seal) {
          driver.seal(time)
          naive.seal()
        }
      }
    }),
    { numRuns: runs(6, 2), endOnFailure: true },
  )
  for (const one of ['accepted', 'exists', 'insufficient', 'not-entitled']) expect(told).toContain(one)
})
