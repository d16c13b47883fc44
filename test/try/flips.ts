import { randomInt } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeEntry, type SigningKey, signBatch } from '../../src/client/index.ts'
import { equalBytes, toHex } from '../../src/core/bytes.ts'
import { publicKeyFromSeed } from '../../src/core/crypto/ed25519.ts'
import { useEngine } from '../../src/core/crypto/engine.ts'
import { transactionsFrom } from '../../src/core/entry/batch.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { CodedError } from '../../src/core/failure.ts'
import { keyPath, readKey } from '../../src/files/key-files.ts'
import type { Submission } from '../../src/ledger/index.ts'
import type { TallyLog } from '../../src/log/index.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { openLedger } from '../../src/operations/index.ts'
import type { BatchAnswer } from '../../src/verify/batch-answer.ts'

const BUNDLE = 256
const MEMBERS = 50

/** What a ledger said of itself before anything was flipped. */
interface Truth {
  readonly size: number
  readonly checkpoint: Uint8Array
  readonly bundles: readonly Uint8Array[]
  readonly tiles: readonly Uint8Array[]
  readonly balances: readonly number[]
  readonly statements: ReadonlyMap<number, Uint8Array>
  readonly details: ReadonlyMap<string, string>
  readonly erased: Uint8Array
  /** Batches that it took, and what it answered. */
  readonly taken: readonly { readonly batch: Submission; readonly statuses: Uint8Array }[]
}

/** What became of flips, by word and number. */
export interface Flipped {
  readonly counts: ReadonlyMap<string, number>
  /** Which flips were believed, and how. There have to be none. */
  readonly believed: readonly string[]
}

/** Numbers below `n` that follow from a seed. */
function randomFrom(seed: number): (n: number) => number {
  let state = seed >>> 0
  return n => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

async function open(data: string): Promise<TallyLog> {
  const { log } = await openLedger({ data, origin: 'flips.example', onFailure: () => {} })
  return log
}

async function keyOf(log: TallyLog, data: string, name: string): Promise<SigningKey> {
  const { seed } = await readKey(keyPath(data, name))
  const publicKey = publicKeyFromSeed(seed)
  const { registry } = log.ledger.state
  const record = registry.records.findIndex(({ number }) => equalBytes(registry.key(number)?.key ?? seed, publicKey))
  return { holder: { record }, seed }
}

function batchOf(log: TallyLog, key: SigningKey, entries: readonly Uint8Array[]): Submission {
  const transactions = transactionsFrom(entries)
  return { signatures: signBatch([key], log.ledger.state.ledgerId!, transactions), transactions }
}

/** The folder of a ledger of about so many transactions, filled over some starts, and what it says. */
async function makeLedger(data: string, transactions: number): Promise<Truth> {
  const taken: { batch: Submission; statuses: Uint8Array }[] = []
  const details = new Map<string, string>()
  let erased = new Uint8Array(32)
  const starts = 6
  for (let start = 0; start < starts; start++) {
    const log = await open(data)
    const { accounts, registry } = log.ledger.state
    const issuer = await keyOf(log, data, 'issuer')
    const unit = registry.units[0]!
    if (start === 0) {
      const opening = () =>
        makeEntry('open-account', {
          accountKind: 'member',
          unit: unit.record,
          terms: registry.records[unit.record]!.body,
          owner: publicKeyFromSeed(crypto.getRandomValues(new Uint8Array(32))),
          nonce: crypto.getRandomValues(new Uint8Array(32)),
        })
      const list = Array.from({ length: MEMBERS }, opening)
      await log.submit(batchOf(log, await keyOf(log, data, 'registrar'), list))
    }
    const first = accounts.count - MEMBERS
    for (let n = 0; n < 5; n++) {
      const kept = await log.details.put({
        account: first + n,
        salt: crypto.getRandomValues(new Uint8Array(32)),
        text: `order ${start} ${n} ${'x'.repeat(300)}`,
      })
      if (typeof kept === 'string') throw new Error(kept)
      if (start > 0 || n > 0) details.set(toHex(kept), `order ${start} ${n} ${'x'.repeat(300)}`)
      else {
        await log.details.erase(first, kept)
        erased = kept.slice()
      }
    }
    for (let left = Math.ceil(transactions / starts); left > 0; ) {
      const count = Math.min(left, left % 3 === 0 ? 1 : 4096)
      left -= count
      const list = Array.from({ length: count }, (_, i) =>
        makeEntry('issue', { debit: unit.treasury + 1, credit: first + (i % MEMBERS), amount: 1 + (i % 9) }),
      )
      const batch = batchOf(log, issuer, list)
      const { statuses } = await log.submit(batch)
      if (count < 4096 || taken.length < 8) taken.push({ batch, statuses: statuses.slice() })
    }
    await log.publisher.publish()
    await log.close()
  }
  const log = await open(data)
  const { size, checkpoint } = log.publisher.published!
  const truth: Truth = { ...(await shown(log)), size, checkpoint, details, erased, taken: taken.slice(0, 12) }
  await log.close()
  return truth
}

/** All that a ledger shows of its log. */
async function shown(log: TallyLog): Promise<Pick<Truth, 'bundles' | 'tiles' | 'balances' | 'statements'>> {
  const { size } = log.publisher.published!
  const { accounts } = log.ledger.state
  const bundles: Uint8Array[] = []
  const tiles: Uint8Array[] = []
  for (let n = 0; n * BUNDLE < size; n++) {
    bundles.push((await log.entryBundle(n, Math.min(BUNDLE, size - n * BUNDLE)))!)
    tiles.push((await log.tile(0, n, Math.min(BUNDLE, size - n * BUNDLE)))!)
  }
  const statements = new Map<number, Uint8Array>()
  for (const account of [accounts.count - 1, accounts.count - MEMBERS]) {
    const statement = await log.prover.statement(account, { since: 0, allSignatures: false })
    if (typeof statement !== 'string') statements.set(account, statement)
  }
  return { bundles, tiles, balances: balancesOf(log), statements }
}

function balancesOf({ ledger }: TallyLog): number[] {
  const { accounts } = ledger.state
  return Array.from({ length: accounts.count }, (_, account) => accounts.balance(account))
}

/** What a promise resolves with, or the code with which the ledger refuses. @throws what is no coded error. */
async function asked<T>(promise: Promise<T>): Promise<T | CodedError> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
}

/** Asks a ledger for everything. @returns what is not the truth. Counts what is refused. */
async function lies(log: TallyLog, data: string, truth: Truth, count: (word: string) => void): Promise<string[]> {
  const wrong: string[] = []
  const compare = (what: string, got: unknown, expected: unknown) => {
    const same =
      got instanceof Uint8Array && expected instanceof Uint8Array ? equalBytes(got, expected) : got === expected
    if (got instanceof CodedError) count(`${what}: ${got.code}`)
    else if (!same) wrong.push(what)
  }
  const { published } = log.publisher
  compare('the size published', published?.size, truth.size)
  compare('the checkpoint', published?.checkpoint, truth.checkpoint)
  compare('the balances', balancesOf(log).join(), truth.balances.join())
  for (const [n, bundle] of truth.bundles.entries())
    compare('a bundle', await asked(log.entryBundle(n, Math.min(BUNDLE, truth.size - n * BUNDLE))), bundle)
  for (const [n, tile] of truth.tiles.entries())
    compare('a tile', await asked(log.tile(0, n, Math.min(BUNDLE, truth.size - n * BUNDLE))), tile)
  for (const [account, statement] of truth.statements)
    compare('a statement', await asked(log.prover.statement(account, { since: 0, allSignatures: false })), statement)
  for (const [commitment, text] of truth.details) {
    const got = await asked(log.details.get(Uint8Array.from(Buffer.from(commitment, 'hex'))))
    if (got === 'details-unknown') count('details: details-unknown')
    else compare('details', typeof got === 'string' || got instanceof CodedError ? got : got.text, text)
  }
  compare('what was erased', await asked(log.details.get(truth.erased)), 'details-erased')
  for (const { batch, statuses } of truth.taken) {
    const answer: BatchAnswer | CodedError = await asked(log.submit(batch))
    compare('a batch sent again', answer instanceof CodedError ? answer : answer.statuses, statuses)
    if (!(answer instanceof CodedError) && answer.index !== null) wrong.push('a batch that is taken a second time')
  }
  if (log.stopped !== undefined) wrong.push(`a ledger that stopped: ${log.stopped.message}`)
  compare('the balances at last', balancesOf(log).join(), truth.balances.join())
  // What it has is good enough to go on with.
  const unit = log.ledger.state.registry.units[0]!
  const entry = makeEntry('issue', { debit: unit.treasury + 1, credit: log.ledger.state.accounts.count - 1, amount: 1 })
  const answer = await asked(log.submit(batchOf(log, await keyOf(log, data, 'issuer'), [entry])))
  compare('a new batch', answer instanceof CodedError ? answer : answer.statuses[0], ACCEPTED)
  const sealed = await asked(log.publisher.publish())
  if (sealed instanceof CodedError) count(`a new checkpoint: ${sealed.code}`)
  return wrong
}

interface Flip {
  readonly path: string
  readonly at: number
  readonly bit: number
}

/**
 * A flip: of any byte of all files alike, or of any byte of one of them, each by turns, as most bytes are in few files.
 */
async function drawFlip(data: string, random: (n: number) => number, turn: number): Promise<Flip> {
  const files: { path: string; size: number }[] = []
  for (const entry of (await readdir(data, { recursive: true, withFileTypes: true })).sort((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    const path = join(entry.parentPath, entry.name)
    const { size } = await stat(path)
    if (entry.isFile() && size > 0) files.push({ path, size })
  }
  let at = random(files.reduce((sum, { size }) => sum + size, 0))
  let file = files[random(files.length)]!
  if (turn % 2 === 0) {
    let i = 0
    while (at >= files[i]!.size) at -= files[i++]!.size
    file = files[i]!
  } else at = random(file.size)
  return { path: file.path.slice(data.length + 1), at, bit: random(8) }
}

async function apply(data: string, { path, at, bit }: Flip): Promise<void> {
  const bytes = await readFile(join(data, path))
  bytes[at]! ^= 1 << bit
  await writeFile(join(data, path), bytes)
}

/**
 * Makes a ledger, flips one bit of one file of a copy of its folder, starts it and asks it for everything; so many
 * times. Whatever it does not refuse has to be what it was; and where it refuses to start, the flip undone makes all of
 * it good.
 */
export async function tryFlips(options: {
  readonly flips: number
  readonly seed: number
  readonly transactions: number
  readonly say: (text: string) => void
}): Promise<Flipped> {
  const { flips, seed, transactions, say } = options
  useEngine(await loadEngine())
  const random = randomFrom(seed)
  const folder = await mkdtemp(join(tmpdir(), 'tally-flips-'))
  const counts = new Map<string, number>()
  const count = (word: string) => counts.set(word, (counts.get(word) ?? 0) + 1)
  const believed: string[] = []
  try {
    const master = join(folder, 'master')
    const truth = await makeLedger(master, transactions)
    say(`${truth.size} entries; ${flips} flips, seed ${seed}`)
    for (let turn = 0; turn < flips; turn++) {
      const data = join(folder, 'data')
      await cp(master, data, { recursive: true, preserveTimestamps: true })
      const flip = await drawFlip(data, random, turn)
      await apply(data, flip)
      const name = `flip ${turn}: bit ${flip.bit} of byte ${flip.at} of ${flip.path}`
      const wrong = async (log: TallyLog) => {
        const found = await lies(log, data, truth, word => count(word)).finally(() => log.close().catch(() => {}))
        for (const what of new Set(found)) believed.push(`${name}: ${what}`)
      }
      const log = await asked(open(data))
      if (log instanceof CodedError) {
        count(`refused: ${log.code}`)
        if (process.env['TALLY_FLIPS'] === 'all') say(`${name}: ${log.code}: ${log.message}`)
        await apply(data, flip)
        const again = await asked(open(data))
        if (again instanceof CodedError)
          believed.push(`${name}: was refused, and is not whole when it is undone: ${again.message}`)
        else await wrong(again)
      } else {
        count('started')
        await wrong(log)
        // What was mended, or not met, is no trap for the next start.
        const again = await asked(open(data))
        if (again instanceof CodedError) count(`refused on the next start: ${again.code}`)
        else await again.close()
      }
      await rm(data, { recursive: true, force: true })
      if (turn % 50 === 49) say(`${turn + 1} flips, ${believed.length} believed`)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return { counts, believed }
}

// npm run try:flips [-- --flips 1000] [-- --seed 7] [-- --transactions 300000]
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      flips: { type: 'string', default: '1000' },
      seed: { type: 'string' },
      transactions: { type: 'string', default: '300000' },
    },
  })
  const { counts, believed } = await tryFlips({
    flips: Number(values.flips),
    seed: values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed),
    transactions: Number(values.transactions),
    say: text => console.log(text),
  })
  for (const [word, n] of [...counts].sort((a, b) => b[1] - a[1])) console.log(`${String(n).padStart(6)}  ${word}`)
  for (const one of believed) console.log(one)
  console.log(believed.length === 0 ? 'None was believed.' : `${believed.length} were believed.`)
  process.exitCode = believed.length === 0 ? 0 : 1
}
