import { createHash } from 'node:crypto'
import { ByteVectorType, ContainerType, ListCompositeType, UintNumberType } from '@chainsafe/ssz'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, toHex } from '../../src/core/bytes.ts'
import { makeId } from '../../src/core/entry/id.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { ACCOUNT_KINDS, decodeTransaction, encodeTransaction, KINDS } from '../../src/core/entry/transaction.ts'
import { type Draft, fromDraft } from '../world.ts'
import { checkHistories, checkInvariants, checkReplay } from './checks.ts'
import { beginning, command, draftOf, HOUR, START, signers } from './commands.ts'
import { Driver } from './driver.ts'
import { type NaiveAccount, NaiveLedger, type NaiveSigner, type Parcel } from './naive.ts'

const hash = (...parts: Uint8Array[]) =>
  new Uint8Array(
    createHash('sha256')
      .update(concatBytes(...parts))
      .digest(),
  )
const leaf = (entry: Uint8Array) => hash(Uint8Array.of(0), entry)

const Bytes32 = new ByteVectorType(32)
const uint8 = new UintNumberType(1)
const uint16 = new UintNumberType(2)
const uint64 = new UintNumberType(8)
const Terms = new ContainerType({ kind: uint8, unit: uint16, owner: Bytes32, opening: Bytes32 })
const Account = new ContainerType({
  terms: Terms,
  status: uint8,
  entries: uint64,
  time: uint64,
  credited: uint64,
  debited: uint64,
  head: Bytes32,
  more: Bytes32,
})
const Bytes16 = new ByteVectorType(16)
const uint32 = new UintNumberType(4)
const Lots = new ListCompositeType(new ContainerType({ matures: uint32, expires: uint32, amount: uint64 }), 2 ** 8)
const More = new ContainerType({
  lots: Lots,
  holds: new ListCompositeType(
    new ContainerType({ id: Bytes16, credit: uint32, amount: uint64, until: uint64, parts: Lots }),
    2 ** 4,
  ),
  given: new ContainerType({ day: uint32, amount: uint64 }),
  recovery: new ContainerType({ key: Bytes32, due: uint64 }),
  grants: new ListCompositeType(new ContainerType({ id: Bytes16, to: uint16, until: uint64 }), 2 ** 5),
})
const RecordType = new ContainerType({ body: Bytes32, from: uint64, until: uint64 })
const AccountList = new ListCompositeType(Account, 2 ** 32)
const RecordList = new ListCompositeType(RecordType, 2 ** 16)
const LeafList = new ListCompositeType(Bytes32, 2 ** 13)
/** Of the runs that have to meet what is listed. */
const SEED = 1

const STATUSES = ['open', 'frozen', 'closed']

/** `more` of an account by SPEC §6. */
function naiveMore({ parcels, holds, gift, pending, grants }: NaiveAccount): Uint8Array {
  const dated = (list: readonly Parcel[]) => list.filter(({ matures, expires }) => matures + expires > 0)
  if (dated(parcels).length + holds.length + grants.length + gift.day === 0 && pending === undefined)
    return new Uint8Array(32)
  const id = (hex: string) => Buffer.from(hex, 'hex')
  return More.hashTreeRoot({
    lots: dated(parcels),
    holds: holds.map(hold => ({ ...hold, id: id(hold.id), parts: [...hold.parcels] })),
    given: gift,
    recovery: pending === undefined ? { key: new Uint8Array(32), due: 0 } : { key: id(pending.key), due: pending.due },
    grants: grants.map(grant => ({ ...grant, id: id(grant.id) })),
  })
}

/** The head of an account by SPEC §6, from all of its history. */
function naiveHead(account: NaiveAccount): Uint8Array {
  let head = hash(new TextEncoder().encode('tallystick/head/v1'))
  for (const batch of account.history) {
    const leaves = batch.map(leaf)
    const links = account.kind === 'member' ? leaves : [LeafList.hashTreeRoot(leaves)]
    for (const link of links) head = hash(head, link)
  }
  return head
}

function naiveStateRoot({ accounts }: NaiveLedger): string {
  return toHex(
    AccountList.hashTreeRoot(
      accounts.map(account => ({
        terms: {
          kind: ACCOUNT_KINDS[account.kind as keyof typeof ACCOUNT_KINDS],
          unit: account.unit,
          owner: account.owner === null ? new Uint8Array(32) : Buffer.from(account.owner, 'hex'),
          opening: leaf(account.opening),
        },
        status: STATUSES.indexOf(account.status),
        entries: account.entries,
        time: account.time,
        credited: Number(account.credited),
        debited: Number(account.debited),
        head: naiveHead(account),
        more: naiveMore(account),
      })),
    ),
  )
}

function naiveRegistryRoot({ records }: NaiveLedger): string {
  return toHex(RecordList.hashTreeRoot(records.map(({ bytes, from, until }) => ({ body: leaf(bytes), from, until }))))
}

const batch = fc.record({
  signers,
  commands: fc.array(command, { minLength: 1, maxLength: 8 }),
  pause: fc.constantFrom(0, 1, 700, HOUR / 2, HOUR),
  seal: fc.boolean(),
})

describe('the ledger against a naive one', () => {
  /** Plays so many runs on both ledgers: how often each outcome was met, and the kinds that were accepted. */
  const play = async (parameters: fc.Parameters<[object[]]>) => {
    const met = new Map<string, number>()
    const accepted = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.noBias(fc.array(batch, { minLength: 40, maxLength: 60 })), async batches => {
        const [driver, naive] = [new Driver(), new NaiveLedger()]
        let time = START
        let fresh = 1_000_000
        const run = (signers: NaiveSigner[], list: Uint8Array[]) => {
          const [ours, theirs] = [driver.submit(signers, list, time), naive.submit(signers, list, time)]
          expect(ours).toEqual(theirs)
          for (const one of [ours ?? []].flat()) met.set(one, (met.get(one) ?? 0) + 1)
          list.forEach((bytes, position) => {
            if (ours?.[position] === 'accepted') accepted.add(decodeTransaction(bytes).kind)
          })
        }
        const sent: Uint8Array[] = []
        const entry = (one: Draft, offset: number, random: number) => {
          const bits = new Uint8Array(10)
          new DataView(bits.buffer).setUint32(2, random)
          const bytes = encodeTransaction(fromDraft(one, makeId(time + offset, bits)))
          if (one.kind !== 'genesis') sent.push(bytes)
          return bytes
        }
        for (const { signers, drafts } of beginning())
          run(
            signers,
            drafts.map(one => entry(one, 0, fresh++)),
          )
        for (const { signers, commands, pause, seal } of batches) {
          time += pause
          run(
            signers,
            commands.map(one =>
              one.again === null
                ? entry(draftOf(one, naive, time), one.offset, one.random)
                : sent[one.again % sent.length]!,
            ),
          )
          checkInvariants(driver, naive)
          if (seal) {
            const { stateRoot, registryRoot } = driver.seal(time)
            expect([toHex(stateRoot), toHex(registryRoot)]).toEqual([naiveStateRoot(naive), naiveRegistryRoot(naive)])
            naive.size++
          }
        }
        driver.seal(time)
        checkHistories(driver, naive)
        await checkReplay(driver)
      }),
      { endOnFailure: true, ...parameters },
    )
    return { met, accepted }
  }

  test('random batches: outcomes, accounts, roots, sums and the replay are the same', async () => {
    const { met } = await play({ numRuns: 30 })
    expect(met.get('accepted')).toBeGreaterThan(0)
  })

  // Drawn from one seed, as what takes several steps that fit comes up now and then only: what is drawn here is met each time,
  // until the commands change. What stands below is met for certain where programmes run on both ledgers.
  test('batches that meet most outcomes, and have most kinds accepted', async () => {
    const { met, accepted } = await play({ numRuns: 30, seed: SEED })
    expect(met.get('accepted')).toBeGreaterThan(1000)
    const rare = [
      'registry-full',
      'accounts-full',
      'last-root',
      'total-overflow',
      'over-cap',
      'lots-full',
      'grants-full',
      'holds-full',
      'record-revoked',
      'no-custody',
      'no-gifts',
      'over-member-cap',
      'budget-closed',
      'treasury-exists',
      'record-not-revocable',
      'account-unknown',
      'not-empty',
    ]
    const rareKinds = [
      'revoke',
      'set-budget',
      'settle',
      'capture',
      'freeze',
      'unfreeze',
      'close',
      'veto',
      'finish-recovery',
      'withdraw',
      'disclose',
    ]
    const missed = OUTCOMES.filter(outcome => !rare.includes(outcome) && !met.has(outcome))
    expect(missed).toEqual([])
    expect(KINDS.filter(kind => !rareKinds.includes(kind) && !accepted.has(kind))).toEqual([])
  })
})
