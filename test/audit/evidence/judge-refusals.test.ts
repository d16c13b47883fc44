import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import type { BatchRefusal } from '../../../src/core/entry/outcome.ts'
import { encodeSubmission } from '../../../src/core/entry/submission.ts'
import { formatPolicy } from '../../../src/core/note/policy.ts'
import { keyFromSeed, writeKey } from '../../../src/files/key-files.ts'
import { loadEngine } from '../../../src/node/native-engine.ts'
import { encodeRefusal, refusalMessage } from '../../../src/verify/refusal.ts'
import { tally } from '../../cli/run.ts'
import { ServedWorld } from '../../http/server.ts'
import { FIRST_MEMBER, keyNumber, type Signer, signed } from '../../world.ts'

describe('refusals that members hand to an auditor', () => {
  let served: ServedWorld
  let folder: string

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    folder = await mkdtemp(join(tmpdir(), 'tally-refusals-'))
    served = await ServedWorld.create({ nowMs: Date.now() })
    await writeFile(join(folder, 'policy'), formatPolicy(served.world.policy))
    await writeKey(join(folder, 'auditor.json'), keyFromSeed('auditor', served.keys.auditor.seed))
    await mkdir(join(folder, 'member'))
    await writeFile(join(folder, 'member/policy'), formatPolicy(served.world.policy))
  })
  afterAll(async () => {
    await served.destroy()
    await rm(folder, { recursive: true, force: true })
    useEngine(portableEngine)
  })

  const audit = (...more: readonly string[]) =>
    tally(folder, 'audit', served.url, '--policy', 'policy', '--key', 'auditor.json', ...more)

  /** A refusal of a purchase, as a log signs it, whatever the reason is. */
  const refused = async (
    name: string,
    code: BatchRefusal,
    signer: Signer,
    more: { size?: number; seed?: Uint8Array } = {},
  ) => {
    const { world } = served
    const list = [world.bytes(world.redeem(FIRST_MEMBER, 5))]
    const { signatures, transactions } = signed(world.ledgerId, [signer], list)
    const head = { ledgerId: world.ledgerId, size: more.size ?? world.log.size, time: world.nowMs, code }
    const signature = signEd25519(more.seed ?? world.keys.log.seed, refusalMessage(head, signatures, transactions))
    await writeFile(
      join(folder, name),
      encodeRefusal({ ...head, signature, submission: encodeSubmission(signatures, list) }),
    )
    return name
  }

  test('are true, or false, or nothing that the log signed; those that are false are evidence for everyone', async () => {
    const { world } = served
    const owner = world.owner(FIRST_MEMBER)
    const stranger = world.owner(FIRST_MEMBER, keyNumber(77))
    const size = world.log.size
    const yes = await refused('true.refusal', 'signature-invalid', stranger)
    const no = await refused('false.refusal', 'signature-invalid', owner)
    const other = await refused('other.refusal', 'signer-unknown', stranger)
    const forged = await refused('forged.refusal', 'signature-invalid', owner, { seed: keyNumber(78).seed })
    const later = await refused('later.refusal', 'signature-invalid', owner, { size: size + 1000 })
    await writeFile(join(folder, 'none.refusal'), 'no refusal')
    // The log goes on.
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 7)))
    await world.log.publisher.publish()

    const clean = await audit(
      '--refusals',
      yes,
      '--refusals',
      forged,
      '--refusals',
      later,
      '--refusals',
      'none.refusal',
    )
    expect([clean.status, clean.out]).toEqual([
      0,
      expect.stringContaining(`true.refusal: "signature-invalid" at ${size} entries is true`),
    ])
    expect(clean.out).toContain('forged.refusal: not judged: it is no refusal that this log signed: refusal-signature')
    expect(clean.out).toContain(`later.refusal: "signature-invalid" at ${size + 1000} entries is not judged`)
    expect(clean.out).toContain('none.refusal: not judged: it is no refusal that this log signed: ')

    const found = await audit('--refusals', no, '--refusals', other, '--json', '--evidence', 'member/evidence.json')
    const { refusals, faults } = JSON.parse(found.out)
    expect([found.status, faults]).toEqual([1, []])
    expect(refusals).toMatchObject([
      { file: no, reason: 'signature-invalid', size, verdict: 'false', evidence: { carried: { entries: size } } },
      { file: other, reason: 'signer-unknown', size, verdict: 'false', evidence: { carried: { entries: size } } },
    ])
    for (const { evidence } of refusals) {
      const file = evidence.path.replace('member/', '')
      const alone = await tally(join(folder, 'member'), 'verify', file, '--policy', 'policy')
      expect([alone.status, alone.out]).toEqual([0, expect.stringMatching(/code +refusal-false/)])
    }

    // Without the entries it names the log, and is checked with an auditor’s key.
    const short = await audit('--refusals', no, '--evidence-limit', '0', '--evidence', 'member/evidence.json')
    expect([short.status, short.out]).toEqual([1, expect.stringContaining('it carries no entries')])
    const path = /Evidence: (\S+\.json);/.exec(short.out)![1]!
    expect(JSON.parse(await readFile(join(folder, path), 'utf8'))).toMatchObject({
      code: 'refusal-false',
      needs: 'replay',
    })
    const verified = await tally(
      folder,
      'verify',
      path,
      '--policy',
      'policy',
      '--log',
      served.url,
      '--key',
      'auditor.json',
    )
    expect(verified.status).toBe(0)
  })

  test('one of more entries than the log had, at a later time, is false by the last seal alone', async () => {
    const { world } = served
    const later = await refused('more.refusal', 'signature-invalid', world.owner(FIRST_MEMBER, keyNumber(77)), {
      size: world.log.size + 1000,
    })
    world.nowMs += 1000
    await world.log.publisher.publish()
    const found = await audit('--refusals', later, '--json', '--evidence', 'member/evidence.json')
    const [{ verdict, evidence }] = JSON.parse(found.out).refusals
    expect([found.status, verdict]).toEqual([1, 'false'])
    const file = evidence.path.replace('member/', '')
    const alone = await tally(join(folder, 'member'), 'verify', file, '--policy', 'policy')
    expect([alone.status, alone.out]).toEqual([0, expect.stringMatching(/code +refusal-false/)])
  })

  test('nothing is cosigned where one is false', async () => {
    const no = await refused('again.refusal', 'signer-revoked', served.world.owner(FIRST_MEMBER))
    await tally(folder, 'keygen', '--name', 'auditor.example', '--out', 'witness.json')
    const ran = await audit('--refusals', no, '--state', 'audits', '--sign', 'witness.json')
    expect([ran.status, ran.out]).toEqual([1, expect.not.stringContaining('Cosigned')])
    expect(ran.err).toContain('Not cosigned: a refusal is false.')
  })
})
