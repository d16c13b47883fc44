import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseAddCheckpoint } from '../../src/core/note/add-checkpoint.ts'
import { formatCheckpoint, parseCheckpoint } from '../../src/core/note/checkpoint.ts'
import { formatNote, parseNote, signNote, verifierKey } from '../../src/core/note/note.ts'
import { readKey } from '../../src/files/key-files.ts'
import { Served, tally } from '../cli/run.ts'

/** What a wallet keeps between visits, and what it demands for it. The tests go on from each other, as visits do. */
describe('a wallet that keeps what it verified', () => {
  let served: Served
  const at = (name: string) => join(served.directory, name)
  const read = (name: string) => new Uint8Array(readFileSync(at(name)))

  /** Verifies a file as the holder of the account does at each visit. */
  const visit = async (file: string, ...more: readonly string[]) => {
    const trust = ['--policy', 'data/policy', '--card', 'data/members/3.card.json', '--state', 'wallet']
    const { status, out, err } = await tally(served.directory, 'verify', file, ...trust, '--json', ...more)
    const found = JSON.parse(out === '' ? 'null' : out) as {
      code?: string
      message?: string
      facts: { 'log size': number }
      lines: readonly unknown[]
      checked: readonly string[]
      unchecked: readonly string[]
    } | null
    return { status, err, found, code: found?.code }
  }
  const fetchTo = async (out: string, ...more: readonly string[]) => {
    const { status, err } = await served.run('statement', '3', '--out', out, '--state', 'wallet', ...more)
    expect([status, err]).toEqual([0, ''])
  }
  const keptFiles = (pattern: RegExp) => readdirSync(at('wallet')).filter(name => pattern.test(name))
  /** The only file in the wallet that holds an accepted checkpoint. */
  const acceptedFile = () => join('wallet', keptFiles(/\.watched$/)[0]!)
  const acceptedSize = () => parseCheckpoint(parseNote(read(acceptedFile())).text).size

  beforeAll(async () => {
    served = await Served.start()
    await served.run('account', 'open')
    await served.run('issue', '--to', '3', '--amount', '7')
    await served.run('redeem', '--from', '3', '--to', '0', '--amount', '2')
  })
  afterAll(() => served.destroy())

  test('the first visit keeps the account and the checkpoint, for no other eyes', async () => {
    await fetchTo('first')
    expect(readdirSync(served.directory)).not.toContain('first.growth')
    const { status, found } = await visit('first')
    expect(status).toBe(0)
    expect(found!.lines).toHaveLength(3)
    expect(found!.unchecked).toContainEqual(expect.stringContaining('the first that you keep of this log'))
    expect(acceptedSize()).toBe(found!.facts['log size'])
    const [state] = keptFiles(/\.3\.state\.json$/)
    expect(statSync(at(join('wallet', state!))).mode & 0o777).toBe(0o600)
    expect(keptFiles(/lock/)).toEqual([])
  })

  test('the next one fetches what came since, and the proof that the log grew out of what was accepted', async () => {
    const before = acceptedSize()
    await served.run('issue', '--to', '3', '--amount', '1')
    await fetchTo('second')
    expect(parseAddCheckpoint(read('second.growth'))).toMatchObject({ oldSize: before })
    // Without what was kept nobody can believe it, and without the proof it is not believed.
    const alone = await tally(served.directory, 'verify', 'second', '--policy', 'data/policy', '--json')
    expect([alone.status, JSON.parse(alone.out)]).toMatchObject([1, { code: 'kept-state' }])
    const empty = join(served.directory, 'empty')
    writeFileSync(empty, `old ${before}\n\n`)
    expect(await visit('second', '--growth', 'empty')).toMatchObject({ status: 1, code: 'consistency-proof' })
    expect(acceptedSize()).toBe(before)
    const { status, found } = await visit('second')
    expect(status).toBe(0)
    expect(found!.lines).toHaveLength(1)
    expect(found!.checked).toContainEqual(
      `the log grew out of the checkpoint of ${before} entries that you accepted before`,
    )
    expect(found!.checked).toContainEqual('these are all entries since the 3 that you verified before')
    expect(acceptedSize()).toBeGreaterThan(before)
  })

  test('with --signatures the authority of every line is shown, of those that were kept too', async () => {
    await fetchTo('signed', '--signatures', '--since', '0')
    const { found } = await visit('signed')
    expect(found!.checked).toContainEqual(expect.stringMatching(/^everyone who had to sign did, for 4 of 4 entries/))
    await served.run('issue', '--to', '3', '--amount', '4')
    await fetchTo('signed-since', '--signatures')
    const since = await visit('signed-since')
    expect(since.found!.checked).toContainEqual(
      expect.stringMatching(/^everyone who had to sign did, for 1 of 1 entries/),
    )
  })

  test('a receipt has to continue the log as well', async () => {
    const before = acceptedSize()
    const { out } = await served.run('issue', '--to', '3', '--amount', '2', '--json')
    const { index } = JSON.parse(out) as { index: number }
    expect((await served.run('receipt', String(index), '--out', 'r', '--state', 'wallet')).status).toBe(0)
    const receipt = await visit('r')
    expect(receipt.found!.checked).toContainEqual(expect.stringMatching(`checkpoint of ${before} entries`))
    expect(acceptedSize()).toBeGreaterThan(before)
    rmSync(at('r.growth'))
    await served.run('issue', '--to', '3', '--amount', '2')
    expect((await served.run('receipt', String(index), '--out', 'r')).status).toBe(0)
    expect(await visit('r')).toMatchObject({ status: 1, code: 'consistency-proof' })
  })

  test('an old statement is refused, and so is another history of the same length', async () => {
    expect(await visit('first')).toMatchObject({ status: 1, code: 'consistency-proof' })
    const said = await tally(served.directory, 'verify', 'first', '--policy', 'data/policy', '--state', 'wallet')
    expect(said.out).toMatch(
      /^first: DOES NOT HOLD\n\n.*does not continue one of \d+.*\n.*SPEC §10\)\n[\s\S]*tally watch URL --policy data\/policy --state wallet --once\n$/,
    )
    await fetchTo('now')
    const honest = read(acceptedFile())
    const { text } = parseNote(honest)
    const log = await readKey(at('data/keys/log.json'))
    const checkpoint = parseCheckpoint(text)
    const other = formatCheckpoint({ ...checkpoint, root: checkpoint.root.toReversed() })
    const key = verifierKey(checkpoint.origin, 1, log.publicKey)
    writeFileSync(at(acceptedFile()), formatNote({ text: other, signatures: [signNote(other, key, log.seed)] }))
    expect(await visit('now')).toMatchObject({ status: 1, code: 'consistency-proof' })
    writeFileSync(at(acceptedFile()), honest)
    expect(await visit('now')).toMatchObject({ status: 0 })
  })

  test('the watch of the log goes on from the same checkpoint', async () => {
    const size = acceptedSize()
    await served.run('issue', '--to', '3', '--amount', '2')
    const look = ['watch', served.url, '--policy', 'data/policy', '--state', 'wallet', '--once']
    const { status, out } = await tally(served.directory, ...look)
    expect([status, out]).toEqual([0, expect.stringContaining(`continues the checkpoint of ${size} entries`)])
    expect(acceptedSize()).toBeGreaterThan(size)
  })

  test('a folder that is no wallet is refused, and nothing is written', async () => {
    const [state] = keptFiles(/\.3\.state\.json$/)
    const path = at(join('wallet', state!))
    const whole = readFileSync(path)
    for (const bad of ['{', '{}', whole.toString().replace(/"account": 3/, '"account": 3.5'), `${whole}x`]) {
      writeFileSync(path, bad)
      const { status, found } = await visit('now')
      expect([status, found]).toMatchObject([
        2,
        { code: 'state', message: expect.stringContaining('state.json is not') },
      ])
      expect(readFileSync(path, 'utf8')).toBe(bad)
    }
    writeFileSync(path, whole)
    const file = await tally(served.directory, 'verify', 'now', '--policy', 'data/policy', '--state', 'first')
    expect([file.status, file.err]).toEqual([2, expect.stringMatching(/^tally: state: first is a file/)])
    const alone = await tally(served.directory, 'verify', 'now', '--policy', 'data/policy', '--growth', 'now.growth')
    expect([alone.status, alone.err]).toEqual([2, expect.stringMatching(/^tally: state: .*--state/)])
  })
})
