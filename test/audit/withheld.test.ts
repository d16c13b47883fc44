import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { auditLog } from '../../src/audit/audit.ts'
import { accuse } from '../../src/audit/evidence/accuse.ts'
import { keepWithheld, WithheldError, withheldIn } from '../../src/audit/withheld.ts'
import { ClientError, TallyClient } from '../../src/client/index.ts'
import { utf8Decode } from '../../src/core/bytes.ts'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { convict } from '../../src/verify/evidence/convict.ts'
import { parseEvidence } from '../../src/verify/evidence/evidence-file.ts'
import { grow, TwoHistories } from '../cli/two-histories.ts'

const TIME = '2027-01-15T08:00:00Z'

describe('an audit of a log that signs and does not serve', () => {
  let two: TwoHistories
  let client: TallyClient
  let folder: string
  beforeAll(async () => useEngine(await loadEngine('native')))
  afterAll(() => useEngine(portableEngine))
  beforeEach(async () => {
    two = await TwoHistories.create()
    client = new TallyClient({ ...two.client.options, caller: two.honest.keys.auditor, retries: 0 })
    folder = await mkdtemp(join(tmpdir(), 'tally-withheld-'))
  })
  afterEach(async () => {
    await two.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  /** Audits what is shown, as the command does: what it was not given is kept. */
  const audit = async () => {
    const { policy } = two.honest.world
    let signed: Uint8Array | undefined
    // Each audit asks which ledger it is: a fork has its own beginning here.
    client = new TallyClient(client.options)
    try {
      const withheld = await withheldIn(folder)
      const audited = await auditLog({
        client,
        policy,
        withheld,
        onProgress: () => {},
        onSigned(note) {
          signed = note
        },
      })
      const { faults } = audited.report
      const found = { url: two.url, time: TIME }
      return { codes: faults.map(({ code }) => code), file: faults[0] && (await accuse(audited, policy, found)) }
    } catch (error) {
      if (!(error instanceof WithheldError || error instanceof ClientError)) throw error
      const found = { url: two.url, time: TIME }
      return { error, path: await keepWithheld(signed!, error, policy, found, { state: folder, evidenceLimit: 0 }) }
    }
  }

  test.each([
    ['entries', '/tile/entries/'],
    ['tiles', '/tile/0/'],
    ['everything but what all may read', '/v1/salts'],
  ])('%s: withheld, and the note is kept for others', async (_, path) => {
    const note = await grow(two.honest, 300)
    two.isGone = asked => asked.startsWith(path)
    const { error, path: file } = await audit()
    expect(error).toMatchObject({ code: 'withheld', message: expect.stringContaining('300 entries') })
    expect(error).toBeInstanceOf(WithheldError)
    const kept = parseEvidence(await readFile(file!))
    expect(kept).toMatchObject({ code: 'withheld', needs: 'observer', evidence: { checkpoint: utf8Decode(note) } })
    two.isGone = () => false
    expect((await audit()).codes).toEqual([])
  })

  test('a log that falls silent is no log that withholds; what it signed is kept all the same', async () => {
    const note = await grow(two.honest, 300)
    two.isGone = path => {
      if (path.startsWith('/tile/')) two.shown = 'nothing'
      return false
    }
    const { error, path } = await audit()
    expect(error).toMatchObject({ code: 'unreachable' })
    expect(parseEvidence(await readFile(path!)).evidence.checkpoint).toBe(utf8Decode(note))
  })

  test('an auditor who may not read says nothing of the log', async () => {
    await grow(two.honest, 300)
    client = new TallyClient({ ...two.client.options, retries: 0 })
    expect((await audit()).error).toMatchObject({ name: 'ClientError', status: 401 })
  })

  test('a fork that was withheld convicts when the log is shown again', async () => {
    await grow(two.other, 400)
    two.shown = 'other'
    two.isGone = path => path.startsWith('/tile/entries/')
    expect((await audit()).error).toMatchObject({ code: 'withheld' })
    two.repent()
    two.isGone = () => false
    await grow(two.honest, 350)
    expect(await audit()).toMatchObject({ codes: ['withheld'], file: { code: 'withheld', needs: 'observer' } })
    await grow(two.honest, 500)
    const { codes, file } = await audit()
    expect([codes, file]).toMatchObject([['forked'], { code: 'forked', needs: 'nothing' }])
    expect(convict(file!, two.honest.world.policy)).toMatchObject({ facts: { 'one size': 400, 'other size': 500 } })
  })
})
