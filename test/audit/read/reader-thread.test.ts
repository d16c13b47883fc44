import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../../../src/audit/audit.ts'
import type { AuditReport } from '../../../src/audit/audit-report.ts'
import { portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import { decodeBatch, encodeBatch } from '../../../src/core/entry/batch.ts'
import { loadEngine } from '../../../src/node/native-engine.ts'
import { ForgedLog } from '../../cli/forged-log.ts'
import { ServedWorld } from '../../http/server.ts'
import { FIRST_MEMBER, keyNumber } from '../../world.ts'

describe('signatures that threads verify before their turn', () => {
  let honest: ServedWorld
  let forged: ForgedLog
  let truth: Uint8Array[]
  /** Where the batches stand that are signed one by one. */
  const singles: number[] = []

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    honest = await ServedWorld.create()
    const { world } = honest
    let owner = world.owner(FIRST_MEMBER)
    const spend = async () =>
      singles.push((await world.submit([owner], world.bytes(world.redeem(FIRST_MEMBER, 1)))).index!)
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1000)))
    // Some runs of one bundle; in the midst of one the member takes another key, which a look ahead cannot know.
    for (let i = 0; i < 700; i++) {
      if (i === 330) {
        const next = keyNumber(99)
        await world.submit([owner], world.bytes({ kind: 'set-custody', account: FIRST_MEMBER, owner: next.publicKey }))
        owner = world.owner(FIRST_MEMBER, next)
      }
      await spend()
    }
    await world.log.publisher.publish()
    forged = await ForgedLog.serve(honest)
    truth = await forged.truth()
  })
  afterAll(async () => {
    await forged.close()
    await honest.destroy()
    useEngine(portableEngine)
  })

  const audited = (entries: readonly Uint8Array[], thread: boolean): Promise<AuditReport> => {
    forged.show(entries)
    return audit({
      client: forged.client,
      policy: honest.world.policy,
      tuning: { thread, bundles: 1 },
      onProgress() {},
    })
  }
  const withSignature = (index: number, change: (ed25519: Uint8Array) => Uint8Array) => {
    const batch = decodeBatch(truth[index]!)
    const [{ ed25519, ...signer }] = batch.signatures as [(typeof batch.signatures)[0]]
    return truth.with(index, encodeBatch({ ...batch, signatures: [{ ...signer, ed25519: change(ed25519) }] }))
  }

  test('an honest log holds', async () => {
    const report = await audited(truth, true)
    expect(report.faults).toEqual([])
    expect(report).toEqual(await audited(truth, false))
  })

  test('a signature that does not verify is found where it stands, no matter who verifies it', async () => {
    for (const i of [0, 260, 330, 331, 640]) {
      const lie = withSignature(singles[i]!, ed25519 => ed25519.with(3, ed25519[3]! ^ 1))
      const report = await audited(lie, true)
      expect(report.faults.map(({ code }) => code)).toEqual(['batch-refused'])
      expect(report.faults[0]!.message).toContain(`entry ${singles[i]}:`)
      expect(report).toEqual(await audited(lie, false))
    }
  })

  test('a signature of a key that was the owner’s before does not count, though it verifies', async () => {
    // The batch after the change, moved in front of its time: signed by the new key while the old one stands, and the
    // reverse.
    const [before, after] = [singles[329]!, singles[330]!]
    for (const [at, other] of [
      [before, after],
      [after, before],
    ] as const) {
      const lie = truth.with(at, truth[other]!).with(at + 1, truth[other + 1]!)
      const report = await audited(lie, true)
      expect(report.faults.map(({ code }) => code)).toEqual(['batch-refused'])
      expect(report).toEqual(await audited(lie, false))
    }
  })
})
