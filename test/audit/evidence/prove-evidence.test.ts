import { readdirSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findEvidence } from '../../../src/audit/evidence/prove-evidence.ts'
import { LogCopy } from '../../../src/audit/read/log-copy.ts'
import { fromBase64, toBase64 } from '../../../src/core/bytes.ts'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import { decodeBatch, encodeBatch } from '../../../src/core/entry/batch.ts'
import { decodeSeal, encodeSeal, type Seal } from '../../../src/core/entry/seal.ts'
import { CodedError } from '../../../src/core/failure.ts'
import { formatPolicy } from '../../../src/core/note/policy.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { keyFromSeed, writeKey } from '../../../src/files/key-files.ts'
import { loadEngine } from '../../../src/node/native-engine.ts'
import type { EvidenceFile, Exhibits } from '../../../src/verify/evidence/evidence-file.ts'
import { saltsMessage } from '../../../src/verify/promise.ts'
import { ForgedLog } from '../../cli/forged-log.ts'
import { start, tally } from '../../cli/run.ts'
import { naiveConsistency, naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import { ServedWorld } from '../../http/server.ts'
import { outsiderReads, outsiderSeesTotals } from '../../verify/evidence/evidence-outsider.ts'
import { FIRST_MEMBER, SALT_SECRET } from '../../world.ts'

/** The codes that only a replay shows. */
const CODES = [
  'batch-statuses',
  'seal-state',
  'seal-registry',
  'seal-totals',
  'overdue',
  'reward',
  'tier',
  'seal-epoch',
]

/** A file as its lines, the document read. */
interface Parts {
  readonly document: EvidenceFile & { readonly format: string }
  readonly bundles: readonly string[]
}

describe('evidence that carries the log', () => {
  let honest: ServedWorld
  let forged: ForgedLog
  let folder: string
  let truth: Uint8Array[]
  /** A batch of one, the seal after it, which is not in the first bundle, and the last seal. */
  let [spent, seal, last] = [0, 0, 0]

  beforeAll(async () => {
    useEngine(await loadEngine('native'))
    folder = await mkdtemp(join(tmpdir(), 'tally-evidence-'))
    honest = await ServedWorld.create()
    const { world } = honest
    const list = Array.from({ length: 300 }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + i)))
    await world.submit([world.issuer], ...list)
    await world.log.publisher.publish()
    // Among what is replayed is one that stands there twice, for which the first has to be looked up.
    const again = await world.submit([world.issuer], list[7]!, world.bytes(world.issue(FIRST_MEMBER, 5)))
    expect(again.existed).toHaveLength(1)
    spent = (await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 40)))).index!
    await world.log.publisher.publish()
    seal = spent + 2
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 7)))
    await world.log.publisher.publish()
    forged = await ForgedLog.serve(honest)
    truth = await forged.truth()
    last = truth.length - 1
    expect(spent).toBeGreaterThan(256)
    await writeFile(join(folder, 'policy'), formatPolicy(world.policy))
    await writeKey(join(folder, 'auditor.json'), keyFromSeed('auditor', honest.keys.auditor.seed))
  })
  afterAll(async () => {
    await forged.close()
    await honest.destroy()
    await rm(folder, { recursive: true, force: true })
    useEngine(portableEngine)
  })

  const withSeal = (index: number, change: (seal: Seal) => Partial<Seal>) => {
    const one = decodeSeal(truth[index]!)
    return truth.with(index, encodeSeal({ ...one, ...change(one) }))
  }
  const refused = () => {
    const batch = decodeBatch(truth[spent]!)
    return truth.with(spent, encodeBatch({ ...batch, statuses: batch.statuses.with(0, 24) }))
  }
  const none = new Uint8Array(32)
  const audit = (...more: readonly string[]) =>
    tally(folder, 'audit', forged.url, '--policy', 'policy', '--key', 'auditor.json', ...more)

  /** Runs `tally verify` where there is the file and a policy, and nothing else. */
  const verified = async (path: string, ...more: readonly string[]) => {
    const stranger = await mkdtemp(join(tmpdir(), 'tally-stranger-'))
    try {
      await copyFile(path, join(stranger, 'evidence'))
      await copyFile(join(folder, 'policy'), join(stranger, 'policy'))
      return await tally(stranger, 'verify', 'evidence', '--policy', 'policy', ...more)
    } finally {
      await rm(stranger, { recursive: true, force: true })
    }
  }

  const LIES: readonly [code: string, what: string, at: () => number, size: () => number, lie: () => Uint8Array[]][] = [
    ['batch-statuses', 'a refusal that is none', () => spent, () => spent + 2, refused],
    [
      'seal-state',
      'balances that do not follow',
      () => seal,
      () => seal + 1,
      () => withSeal(seal, () => ({ stateRoot: none })),
    ],
    ['seal-state', 'at the very end', () => last, () => last + 1, () => withSeal(last, () => ({ stateRoot: none }))],
    [
      'seal-registry',
      'keys that nobody registered',
      () => seal,
      () => seal + 1,
      () => withSeal(seal, () => ({ registryRoot: none })),
    ],
    [
      'seal-totals',
      'less owed than there is',
      () => seal,
      () => seal + 1,
      () => withSeal(seal, () => ({ totalsRoot: none })),
    ],
    [
      'seal-epoch',
      'an epoch that could be, but for the seals between',
      () => last,
      () => last + 1,
      () => withSeal(last, ({ epoch }) => ({ epoch: epoch + 1 })),
    ],
  ]

  test.each(LIES)('%s: %s convicts anyone who signed it', async (code, what, at, size, lie) => {
    forged.show(lie())
    const path = `out/${code} ${what}.jsonl`
    const ran = await audit('--evidence', path)
    expect([ran.status, ran.out]).toEqual([1, expect.stringContaining('It convicts the operator by itself')])
    expect(ran.out).toContain(`It carries the first ${size()} entries of the log`)
    expect(ran.out).toContain('Anyone who is handed it can read them; --evidence-limit 0 leaves them out')
    expect((await readdir(join(folder, 'out'))).filter(name => name.endsWith('.tmp'))).toEqual([])
    if (process.platform !== 'win32') expect((await stat(join(folder, path))).mode & 0o777).toBe(0o600)
    const { status, out } = await verified(join(folder, path))
    expect([status, out]).toEqual([0, expect.stringContaining('the evidence HOLDS')])
    expect(out).toMatch(new RegExp(`entries replayed +${size()}\n +at entry +${at()}\n +code +${code}\n`))
    const text = await readFile(join(folder, path), 'utf8')
    expect(text.split('\n')).toHaveLength(1 + Math.ceil(size() / 256) + 1)
    const { publicKey } = honest.world.log.logKey
    expect(outsiderReads(text, publicKey).entries.map(entry => entry.toString('hex'))).toEqual(
      forged.entries.slice(0, size()).map(entry => Buffer.from(entry).toString('hex')),
    )
    expect(outsiderSeesTotals(text, publicKey)).toBe(code === 'seal-totals')
    // The salts of totals are for auditors: only the one that it takes is shown.
    const { evidence } = (await partsOf(path)).document
    expect(evidence.salt?.epoch).toBe(code === 'seal-totals' ? decodeSeal(truth[seal]!).epoch : undefined)
  })

  const partsOf = async (path: string): Promise<Parts> => {
    const [document, ...bundles] = (await readFile(join(folder, path), 'utf8')).trimEnd().split('\n')
    return { document: JSON.parse(document!) as Parts['document'], bundles }
  }
  let files = 0
  /** What is found in a file of these lines: `convicts`, or code and words. */
  const verdictOn = async (text: string): Promise<readonly [code: string, words: string]> => {
    const path = join(folder, `${++files}.jsonl`)
    await writeFile(path, text)
    try {
      await findEvidence(path, honest.world.policy)
      return ['convicts', '']
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      return [error.code, error.message]
    }
  }
  const textOf = ({ document, bundles }: Parts) => `${[JSON.stringify(document), ...bundles].join('\n')}\n`
  const showing = ({ document, bundles }: Parts, change: Exhibits, code = document.code): string =>
    textOf({ document: { ...document, code, evidence: { ...document.evidence, ...change } }, bundles })
  const spoilt = (text: string) => {
    const bytes = fromBase64(text)
    return toBase64(bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1))
  }

  test('and of which every part that is changed, left out or put elsewhere shows nothing any more', async () => {
    forged.show(refused())
    expect((await audit('--evidence', 'whole.jsonl')).status).toBe(1)
    const whole = await partsOf('whole.jsonl')
    const { document, bundles } = whole
    const { evidence } = document
    expect(await verdictOn(textOf(whole))).toEqual(['convicts', ''])
    const [first, second] = bundles as [string, string]
    const entries = forged.entries
    const bundle = (index: number, list: readonly Uint8Array[]) =>
      `{"bundle":${index},"entries":"${toBase64(encodeEntryBundle(list))}"}`
    const withFirst = (line: string) => textOf({ document, bundles: [line, second] })
    const one = entries[200]!
    const other = { ...evidence.log!, entries: evidence.log!.entries - 1 }
    const expected: readonly (readonly [what: string, text: string, code: string, words?: RegExp])[] = [
      ['an entry', withFirst(bundle(0, entries.slice(0, 256).with(200, one.with(9, one[9]! ^ 1)))), 'log-root'],
      [
        'two entries',
        withFirst(bundle(0, entries.slice(0, 256).with(3, entries[4]!).with(4, entries[3]!))),
        'log-root',
      ],
      ['an entry less', withFirst(bundle(0, entries.slice(0, 255))), 'entry-bundle'],
      ['an entry more', withFirst(bundle(0, entries.slice(0, 257))), 'entry-bundle'],
      [
        'lengths that do not fit',
        withFirst(`{"bundle":0,"entries":"${toBase64(Uint8Array.of(0, 9, 1))}"}`),
        'entry-bundle',
      ],
      [
        'the order of the bundles',
        textOf({ document, bundles: [second, first] }),
        'evidence',
        /line 2: expected bundle 0/,
      ],
      ['the first bundle', textOf({ document, bundles: [second] }), 'evidence', /line 2: expected bundle 0/],
      ['the last bundle', textOf({ document, bundles: [first] }), 'evidence', /breaks off in bundle 1 of the 2/],
      ['all bundles', textOf({ document, bundles: [] }), 'evidence', /breaks off in bundle 0 of the 2/],
      ['the end', textOf(whole).slice(0, -700), 'evidence', /breaks off in bundle 1 of the 2 .*ask for the whole file/],
      ['the newline at the end', textOf(whole).trimEnd(), 'evidence', /breaks off in bundle 1/],
      ['the end of the document', JSON.stringify(document).slice(0, -100), 'evidence'],
      ['a line more', `${textOf(whole)}${second}\n`, 'evidence', /more lines than the 2 bundles/],
      ['no JSON', withFirst('bundle 0'), 'evidence', /line 2: it is no JSON/],
      ['a field more', withFirst(first.replace('{', '{"url":"http://x",')), 'evidence', /line 2: expected/],
      ['other base64', withFirst(first.replace(/"\}$/, ' "}')), 'evidence', /line 2: "entries" is base64/],
      ['base64 of URLs', withFirst(first.replace(/[+/]/, '-')), 'evidence', /line 2: "entries" is base64/],
      ['a number as entries', withFirst('{"bundle":0,"entries":7}'), 'evidence', /line 2: "entries" is base64/],
      [
        'the proof',
        showing(whole, { proof: evidence.proof!.with(0, spoilt(evidence.proof![0]!)) }),
        'consistency-proof',
      ],
      ['a hash of the proof', showing(whole, { proof: evidence.proof!.slice(1) }), 'consistency-proof'],
      ['the root', showing(whole, { root: spoilt(evidence.root!) }), 'consistency-proof'],
      ['another true root', showing(whole, rootAt(spent)), 'consistency-proof'],
      ['how many entries', showing(whole, { ...rootAt(spent + 1), log: other }), 'entry-bundle'],
      ['how many lines', showing(whole, { log: { ...evidence.log!, bundles: 1 } }), 'evidence'],
      ['the entry at fault', showing(whole, { at: evidence.at! - 1 }), 'not-proven', /batch-statuses at entry/],
      ['its proof', showing(whole, { entries: [{ ...evidence.entries![0]!, index: spent - 1 }] }), 'inclusion-proof'],
      ['all that is shown', showing(whole, { entries: [] }), 'needs-observer'],
      [
        'the checkpoint',
        showing(whole, { checkpoint: evidence.checkpoint!.replace(/\n\d+\n/, '\n9999\n') }),
        'log-signature',
      ],
      ...['seal-state', 'seal-registry', 'seal-epoch', 'batch-refused', 'entry-form'].map(
        code => [`the code: ${code}`, showing(whole, {}, code), 'not-proven'] as const,
      ),
      ['the code: seal-totals', showing(whole, {}, 'seal-totals'), 'needs-observer'],
      ['the code: reward', showing(whole, {}, 'reward'), 'needs-replay', /the file shows none/],
      ['the code: overdue', showing(whole, {}, 'overdue'), 'not-proven', /of the seal that ends/],
      ['the code: stale', showing(whole, {}, 'stale'), 'needs-observer'],
    ]
    for (const [what, text, code, words] of expected) {
      const found = await verdictOn(text)
      expect([what, found[0]]).toEqual([what, code])
      if (words !== undefined) expect(found[1], what).toMatch(words)
    }
  })

  const rootAt = (size: number) => ({
    root: toBase64(naiveRoot(forged.entries.slice(0, size))),
    proof: naiveConsistency(size, forged.entries).map(toBase64),
  })

  test('a salt that the log did not sign makes no totals wrong', async () => {
    forged.show(withSeal(seal, () => ({ totalsRoot: none })))
    expect((await audit('--evidence', 'totals.jsonl')).status).toBe(1)
    const whole = await partsOf('totals.jsonl')
    const salt = whole.document.evidence.salt!
    const { salt: _, ...unsalted } = whole.document.evidence
    for (const [code, text] of [
      ['convicts', textOf(whole)],
      ['not-proven', showing(whole, { salt: { ...salt, salt: spoilt(salt.salt) } })],
      ['not-proven', showing(whole, { salt: { ...salt, signature: spoilt(salt.signature) } })],
      ['not-proven', showing(whole, { salt: { ...salt, epoch: salt.epoch - 1 } })],
      ['needs-observer', textOf({ ...whole, document: { ...whole.document, evidence: unsalted } })],
    ] as const)
      expect((await verdictOn(text))[0]).toBe(code)
    // Of an honest log: with a salt made up by the accuser, with the right one, and with that of another epoch.
    forged.show(truth)
    const accused = accusation('seal-totals', seal, seal + 1)
    const { epoch } = decodeSeal(truth[seal]!)
    const { world } = honest
    const signed = (epoch: number, bytes: Uint8Array, seed: Uint8Array) => ({
      epoch,
      salt: toBase64(bytes),
      signature: toBase64(signEd25519(seed, saltsMessage(world.ledgerId, epoch, [bytes]))),
    })
    for (const shown of [
      signed(epoch, none, SALT_SECRET),
      signed(epoch, world.log.salt(epoch)!, world.keys.log.seed),
      signed(epoch - 1, world.log.salt(epoch - 1)!, world.keys.log.seed),
    ])
      expect((await verdictOn(showing(accused, { salt: shown })))[0]).toBe('not-proven')
    const rightly = showing(accused, { salt: signed(epoch, world.log.salt(epoch)!, world.keys.log.seed) })
    expect(outsiderSeesTotals(rightly, world.log.logKey.publicKey)).toBe(false)
    // What an operator signs for and does not hold convicts it.
    expect((await verdictOn(showing(accused, { salt: signed(epoch, none, world.keys.log.seed) })))[0]).toBe('convicts')
  })

  /** A file that accuses the log as it is shown, everything in it true but the code. */
  const accusation = (code: string, at: number, size: number): Parts => {
    const { entries } = forged
    const bundles = Array.from({ length: Math.ceil(size / 256) }, (_, i) => ({
      bundle: i,
      entries: toBase64(encodeEntryBundle(entries.slice(256 * i, Math.min(size, 256 * i + 256)))),
    })).map(line => JSON.stringify(line))
    const evidence: Exhibits = {
      checkpoint: new TextDecoder().decode(forged.checkpoint),
      at,
      entries: [{ index: at, entry: toBase64(entries[at]!), proof: naivePath(at, entries).map(toBase64) }],
      ...(size < entries.length ? rootAt(size) : {}),
      log: { entries: size, bundles: bundles.length },
    }
    const { origin } = honest.world
    const head = { format: 'tallystick/evidence/v1', origin, code, message: 'words', needs: 'nothing' } as const
    return { document: { ...head, evidence }, bundles }
  }

  test('an honest log is guilty of nothing, wherever it is cut', async () => {
    forged.show(truth)
    for (const size of [1, 2, spent, spent + 1, spent + 2, seal + 1, last, last + 1])
      for (const code of [...CODES, 'seal-last', 'entry-order', 'batch-root']) {
        const at = size - 1
        const text = showing(accusation(code, at, size), {
          details: [{ salt: toBase64(none), text: 'words' }],
          salt: { epoch: 0, salt: toBase64(honest.world.log.salt(0)!), signature: toBase64(new Uint8Array(64)) },
        })
        const found = await verdictOn(text)
        expect([size, code, found[0]]).toEqual([size, code, 'not-proven'])
      }
  })

  test('entries that are read again for the replay have to be those that were hashed', async () => {
    forged.show(truth)
    const list = [0, 1].map(i => encodeEntryBundle(truth.slice(256 * i, 256 * i + 256)))
    const other = [0, 1].map(i => encodeEntryBundle(refused().slice(256 * i, 256 * i + 256)))
    const bundles = {
      first: async function* () {
        yield* list
      },
      bytes: async (index: number) => other[index]!,
    }
    const head = { size: truth.length, root: naiveRoot(truth) }
    const copy = await LogCopy.of(bundles, head, undefined, () => {})
    const width = truth.length - 256
    expect(await copy.tile({ level: 'entries', index: 0, width: 256 })).toEqual(list[0])
    await expect(copy.tile({ level: 'entries', index: 1, width })).rejects.toMatchObject({ code: 'log-root' })
    await expect(LogCopy.of(bundles, { ...head, size: 256 }, undefined, () => {})).rejects.toMatchObject({
      code: 'log-root',
    })
    await expect(
      LogCopy.of(
        {
          ...bundles,
          first: async function* () {
            yield* other
          },
        },
        head,
        undefined,
        () => {},
      ),
    ).rejects.toMatchObject({ code: 'log-root' })
  })

  test('left out, it is the log itself that is asked, and need not be trusted', async () => {
    forged.show(withSeal(seal, () => ({ totalsRoot: none })))
    const short = await audit('--evidence', 'short.json', '--evidence-limit', '0')
    expect(short.out).toContain('The entries are left out: as was asked for.')
    expect(short.out).toContain('tally verify short.json --policy POLICY --log URL --key AUDITOR')
    const alone = await verified(join(folder, 'short.json'))
    expect([alone.status, alone.out]).toEqual([1, expect.stringContaining('this MUST BE REPLAYED')])
    expect(alone.out).toContain('tally verify FILE --policy POLICY --log URL --key KEY')
    const asked = ['--log', forged.url, '--key', join(folder, 'auditor.json')]
    const found = await verified(join(folder, 'short.json'), ...asked)
    expect([found.status, found.out]).toEqual([0, expect.stringContaining('entries that the ledger serves')])
    // Or from a folder, as a file server has tiles: of this log, or of one that has grown since.
    const bundle = (from: number, to: number) => encodeEntryBundle(forged.entries.slice(from, to))
    const tiles = join(folder, 'copy', 'tile', 'entries')
    await mkdir(join(tiles, '001.p'), { recursive: true })
    await writeFile(join(tiles, '000'), bundle(0, 256))
    const copied = () => verified(join(folder, 'short.json'), '--log', join(folder, 'copy'))
    expect(await copied()).toMatchObject({ status: 2, err: expect.stringContaining('no part of it in') })
    await writeFile(join(tiles, '001.p', '9'), bundle(256, 265))
    expect(await copied()).toMatchObject({ status: 1, out: expect.stringContaining('(log-root, ') })
    await writeFile(join(tiles, '001.p', String(last - 255)), bundle(256, last + 1))
    expect(await copied()).toMatchObject({
      status: 0,
      out: expect.stringContaining(`entries in ${join(folder, 'copy')}`),
    })
    await writeFile(join(tiles, '000'), bundle(1, 257))
    expect(await copied()).toMatchObject({ status: 1, out: expect.stringContaining('(log-root, ') })
    // The salt, too, is had from the ledger where the file does not show it.
    const document = JSON.parse(await readFile(join(folder, 'short.json'), 'utf8')) as EvidenceFile
    const { salt: _, ...evidence } = document.evidence
    await writeFile(join(folder, 'unsalted.json'), JSON.stringify({ ...document, evidence }))
    expect(await verified(join(folder, 'unsalted.json'), ...asked)).toMatchObject({ status: 0 })
    const large = await audit('--evidence', 'large.json', '--evidence-limit', '1KiB', '--json')
    expect(JSON.parse(large.out)).toMatchObject({
      evidence: 'large.json',
      needs: 'replay',
      carried: { leftOut: 'too large', why: expect.stringContaining('1024 bytes of --evidence-limit') },
    })
    // Somebody else’s copy of the log, or an older one, is none of it.
    const { checkpoint } = forged
    forged.show(refused())
    const other = await verified(join(folder, 'short.json'), ...asked)
    expect([other.status, other.out]).toEqual([1, expect.stringContaining('(log-root, ')])
    forged.checkpoint = checkpoint
    const state = await audit('--state', 'state', '--evidence-limit', '0')
    expect(state.status).toBe(1)
    expect(await audit('--evidence', 'x', '--evidence-limit', 'much')).toMatchObject({ status: 2 })
    await mkdir(join(folder, 'taken', 'inside'), { recursive: true })
    const taken = await audit('--evidence', 'taken')
    expect([taken.status, taken.err]).toEqual([2, expect.stringMatching(/^tally: file: taken cannot be written/)])
    // What was found is said all the same.
    expect(taken.out).toContain('1 FAULT')
    expect((await readdir(folder)).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  test('without a file or a state it is written where one is', async () => {
    forged.show(refused())
    const { status, out } = await audit()
    expect([status, out]).toEqual([1, expect.stringContaining(`Evidence: evidence-${forged.entries.length}.jsonl`)])
    expect((await verified(join(folder, `evidence-${forged.entries.length}.jsonl`))).status).toBe(0)
  })

  test('in a state it has a name of its own, and stays where it is', async () => {
    forged.show(refused())
    const size = forged.entries.length
    expect((await audit('--state', 'kept')).out).toContain(`evidence-${size}.jsonl`)
    forged.show(withSeal(seal, () => ({ stateRoot: none })))
    await audit('--state', 'kept')
    await audit('--state', 'kept')
    const names = (await readdir(join(folder, 'kept'))).filter(name => name.startsWith('evidence')).sort()
    expect(names).toEqual([`evidence-${size}-seal-state.jsonl`, `evidence-${size}.jsonl`])
  })

  test('interrupted, the audit says what it found, and writes the file without them', async () => {
    forged.show(refused())
    await mkdir(join(folder, 'cut'))
    let stall = () => {}
    const stalled = new Promise<void>(resolve => {
      stall = resolve
    })
    // Once the file is begun, no entry comes any more.
    forged.stallAt = path => {
      const isWriting = path.startsWith('/tile/entries/') && readdirSync(join(folder, 'cut')).length > 0
      if (isWriting) stall()
      return isWriting
    }
    const args = ['audit', forged.url, '--policy', 'policy', '--key', 'auditor.json', '--evidence', 'cut/short.json']
    const child = start(folder, args)
    let out = ''
    const said = new Promise<void>(resolve =>
      child.stdout!.setEncoding('utf8').on('data', text => {
        out += text
        if (out.includes('tally verify')) resolve()
      }),
    )
    await stalled
    child.kill('SIGINT')
    await said
    child.kill('SIGKILL')
    forged.stallAt = undefined
    expect(out).toContain('The entries are left out: writing it was interrupted.')
    expect(await readdir(join(folder, 'cut'))).toEqual(['short.json'])
  })
})
