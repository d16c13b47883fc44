import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { concatBytes, utf8Encode } from '../../../src/core/bytes.ts'
import { formatAddCheckpoint } from '../../../src/core/note/add-checkpoint.ts'
import { formatCheckpoint } from '../../../src/core/note/checkpoint.ts'
import {
  ED25519_KEY,
  formatNote,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
  verifyNote,
} from '../../../src/core/note/note.ts'
import { naiveConsistency, naiveRoot } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import { Served, start, tally } from '../run.ts'

const witnesses: ChildProcess[] = []

/** A `tally witness` in a folder, as a process of its own. */
async function startWitness(
  folder: string,
  ...args: string[]
): Promise<{ child: ChildProcess; line: string; url: string }> {
  const child = start(folder, ['witness', '--port', '0', ...args])
  witnesses.push(child)
  let out = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (out.includes('quorum')) resolve()
    })
    child.once('close', status => reject(new Error(`tally witness ended with ${status}`)))
  })
  const line = /^ {2}(witness \S+ \S+ (\S+))$/m.exec(out)!
  return { child, line: line[1]!, url: line[2]! }
}

/** Ends a process with a signal, if it has not ended, and waits until it is gone. */
async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill(signal)
  await closed
}

describe('tally witness', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-witness-'))
  })
  afterEach(async () => {
    // Gone before their folder is: they write to it.
    await Promise.all(witnesses.splice(0).map(child => ended(child, 'SIGKILL')))
    await rm(folder, { recursive: true, force: true })
  })

  test('the line that it prints makes a ledger ask it, and a member’s policy demand it', async () => {
    let served = await Served.start()
    const policy = join(served.directory, 'data/policy')
    const { child, line } = await startWitness(folder, '--policy', policy, '--name', 'w1.example')
    try {
      expect((await stat(join(folder, 'witness/key.json'))).mode & 0o777).toBe(0o600)
      await served.end()
      const alone = await readFile(policy, 'utf8')
      await writeFile(policy, `${alone.replace('quorum none\n', '')}${line}\nquorum w1\n`)
      served = await Served.start(served.directory)
      const proposed = await (await fetch(`${served.url}/policy`)).text()
      expect(proposed).toContain(line)
      await served.run('account', 'open')
      // A witness has a second, which its first answer may take: the log goes on without it, and asks it again.
      do await served.run('issue', '--to', '3', '--amount', '3')
      while (!(await (await fetch(`${served.url}/checkpoint`)).text()).includes('\n— w1.example '))
      await served.run('statement', '3', '--out', 's')
      const verified = await tally(served.directory, 'verify', 's', '--policy', 'data/policy')
      expect([verified.status, verified.out]).toEqual([0, expect.stringContaining('+ it is cosigned by w1')])
      expect(verified.out).not.toContain('split views')
      expect((await tally(served.directory, 'audit', served.url)).status).toBe(0)
      // Without it the ledger goes on, and the policy that demands it does not.
      child.kill('SIGKILL')
      await writeFile(join(served.directory, 'alone'), alone)
      expect((await served.run('issue', '--to', '3', '--amount', '3', '--policy', 'alone')).status).toBe(0)
      await served.run('statement', '3', '--out', 's')
      const without = await tally(served.directory, 'verify', 's', '--policy', 'data/policy')
      expect([without.status, without.out]).toEqual([1, expect.stringContaining('(quorum, SPEC')])
      await appendFile(policy, 'log nonsense\n')
      await served.end()
      expect((await tally(served.directory, 'serve', '--port', '0')).err).toMatch(
        /^tally: policy: data.policy: line \d of the policy/,
      )
    } finally {
      await served.destroy()
    }
  })

  test('a second one on the same memory is refused: each could sign what the other has not seen', async () => {
    const policy = join(folder, 'logs.policy')
    const log = verifierKey('log.example', ED25519_KEY, keyNumber(7).publicKey)
    await writeFile(policy, `log ${formatVerifierKey(log)}\nquorum none\n`)
    const { child } = await startWitness(folder, '--policy', policy)
    const second = await tally(folder, 'witness', '--port', '0', '--policy', policy)
    expect(second.status).not.toBe(0)
    expect(second.err).toContain(`Process ${child.pid} works with this directory`)
    await ended(child, 'SIGTERM')
    await startWitness(folder, '--policy', policy)
  })

  test('killed again and again while it is asked, it never signs backwards, nor two histories', async () => {
    const [log, origin] = [keyNumber(1), 'log.example']
    const logKey = verifierKey(origin, ED25519_KEY, log.publicKey)
    await writeFile(join(folder, 'policy'), `log ${formatVerifierKey(logKey)}\nquorum none\n`)
    const entriesOf = (size: number, fork: boolean) =>
      Array.from({ length: size }, (_, i) => Uint8Array.of(i >> 8, i & 255, fork && i > 0 ? 1 : 0))
    const noteOf = (size: number, fork: boolean) => {
      const text = formatCheckpoint({ origin, size, root: naiveRoot(entriesOf(size, fork)) })
      return formatNote({ text, signatures: [signNote(text, logKey, log.seed)] })
    }
    const cosigned: { size: number; fork: boolean }[] = []
    let [known, key] = [0, '']
    for (let round = 0; round < 5; round++) {
      const { child, line, url } = await startWitness(folder, '--policy', 'policy')
      if (key !== '') expect(line.split(' ')[2]).toBe(key)
      key = line.split(' ')[2]!
      const ask = async (old: number, size: number, fork: boolean) => {
        const proof = old === 0 || old >= size ? [] : naiveConsistency(old, entriesOf(size, fork))
        const body = formatAddCheckpoint({ oldSize: old, proof, checkpoint: noteOf(size, fork) })
        const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: body as Uint8Array<ArrayBuffer> })
        const text = await response.text()
        if (response.status === 409) known = Number(text)
        if (response.status !== 200) return
        const note = parseNote(concatBytes(noteOf(size, fork), utf8Encode(text)))
        expect(verifyNote(note, [parseVerifierKey(key)])).toHaveLength(1)
        cosigned.push({ size, fork })
        known = size
      }
      const closed = once(child, 'close')
      let isOver = false
      // When it has cosigned some, in the middle of being asked for more.
      const enough = cosigned.length + 3 + round
      while (!isOver) {
        if (cosigned.length >= enough) setTimeout(() => child.kill('SIGKILL'), round)
        await Promise.all([
          ask(known, known + 1, false),
          ask(known, known + 2, true),
          ask(known, known + 3, false),
        ]).catch(() => {
          isOver = true
        })
      }
      await closed
    }
    // What it was first asked for decides which history it follows; from there on sizes only grow, and none comes
    // twice.
    expect(cosigned.length).toBeGreaterThan(10)
    expect(new Set(cosigned.filter(({ size }) => size > 1).map(({ fork }) => fork)).size).toBe(1)
    const { url } = await startWitness(folder, '--policy', 'policy')
    const body = formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: noteOf(900, false) })
    const last = await (
      await fetch(`${url}/add-checkpoint`, { method: 'POST', body: body as Uint8Array<ArrayBuffer> })
    ).text()
    expect(Number(last)).toBeGreaterThanOrEqual(Math.max(...cosigned.map(({ size }) => size)))
  })
})
