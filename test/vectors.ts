import { readFile, writeFile } from 'node:fs/promises'
import { toHex, utf8Decode, utf8Encode } from '../src/core/bytes.ts'
import { engine } from '../src/core/crypto/engine.ts'
import { decodeBatch } from '../src/core/entry/batch.ts'
import type { Group } from '../src/core/entry/group.ts'
import { makeId } from '../src/core/entry/id.ts'
import { encodeSubmission } from '../src/core/entry/submission.ts'
import { decodeTransaction } from '../src/core/entry/transaction.ts'
import { leafHash } from '../src/core/tree/merkle.ts'
import { RefusedError } from '../src/log/index.ts'
import { encodePromise } from '../src/verify/promise.ts'
import { encodeRefusal, refusalMessage } from '../src/verify/refusal.ts'
import {
  BUDGET,
  COINS,
  FIRST_MEMBER,
  FUNDED,
  keyNumber,
  REGISTRAR,
  type Signer,
  signed,
  TREASURER,
  TREASURY,
  World,
  type WorldDraft,
} from './world.ts'

/** A value of SPEC §15: its name, what it is, and its bytes or text. */
export interface Vector {
  readonly name: string
  readonly value: Uint8Array | string
}

/** Record of the rule: it stands where other worlds have their issuer. */
const WELCOME = 4

const sha256 = (text: string) => engine().sha256(utf8Encode(text))

/**
 * The ledger of SPEC §15, run through a real log: everything in it is fixed, so its bytes are the same for ever. The
 * nth transaction has its time n seconds after the first and its random bits from `H("id n")`.
 */
export async function makeVectors(): Promise<Vector[]> {
  const world = await World.create({ empty: true })
  try {
    return await fill(world)
  } finally {
    await world.destroy()
  }
}

async function fill(world: World): Promise<Vector[]> {
  const vectors: Vector[] = []
  const add = (name: string, value: Uint8Array | string) => vectors.push({ name, value })
  const keys = { ...world.keys, merchant: keyNumber(7) }
  for (const [name, key] of Object.entries(keys)) {
    add(`${name}.seed`, key.seed)
    add(`${name}.public`, key.publicKey)
  }
  let count = 0
  const submit = (signers: readonly Signer[], ...drafts: WorldDraft[]) => submitGrouped(signers, [], ...drafts)
  const submitGrouped = (signers: readonly Signer[], groups: readonly Group[], ...drafts: WorldDraft[]) => {
    const list = drafts.map(draft => {
      world.nowMs += 1000
      return world.bytes(draft, makeId(world.nowMs, sha256(`id ${count++}`).subarray(0, 10)))
    })
    return world.log.submit(signed(world.ledgerId, signers, list, groups)).then(answer => ({ answer, list }))
  }
  await submit([world.root], world.genesis())
  await submit(
    [world.root],
    world.registerKey('registrar', keys.registrar),
    world.registerKey('treasurer', keys.treasurer),
    { kind: 'define-unit', name: 'coins', cap: 10 * FUNDED, windowMs: 86_400_000 },
    { kind: 'publish-rule', name: 'welcome', digest: sha256('100 coins for anyone who joins'), budgets: [BUDGET] },
  )
  const plain = { unit: COINS }
  await submit(
    [world.treasurer],
    { kind: 'open-account', accountKind: 'treasury', ...plain, nonce: sha256('nonce 0') },
    { kind: 'open-account', accountKind: 'budget', ...plain, nonce: sha256('nonce 1') },
    { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: FUNDED },
  )
  await submit([world.root], world.registerKey('issuer', keys.issuer, [BUDGET]))
  await world.log.publisher.publish()
  const issuer: Signer = { record: WELCOME + 1, key: keys.issuer }
  await submit([{ record: REGISTRAR, key: keys.registrar }], {
    kind: 'open-account',
    accountKind: 'member',
    unit: COINS,
    owner: keys.member.publicKey,
    nonce: sha256('nonce 2'),
  })
  await submit([issuer], {
    kind: 'issue',
    debit: BUDGET,
    credit: FIRST_MEMBER,
    amount: 100,
    rule: WELCOME,
    matures: 0,
    details: sha256('salt and details'),
  })
  const spent = await submit(
    [{ record: TREASURER, key: keys.treasurer }, world.owner(FIRST_MEMBER)],
    world.redeem(FIRST_MEMBER, 30),
    world.redeem(FIRST_MEMBER, 71),
  )
  await world.log.publisher.publish()
  await submit([world.root], world.registerKey('merchant', keys.merchant, [TREASURY]))
  const merchant: Signer = { record: WELCOME + 2, key: keys.merchant }
  const hour = Math.floor(world.nowMs / 3_600_000)
  await submit([issuer], {
    kind: 'issue',
    debit: BUDGET,
    credit: FIRST_MEMBER,
    amount: 50,
    matures: 4 * hour,
    expires: 4 * (hour + 24),
  })
  const held = await submit([world.owner(FIRST_MEMBER)], {
    kind: 'hold',
    debit: FIRST_MEMBER,
    credit: TREASURY,
    amount: 60,
    until: world.nowMs + 3_600_000,
  })
  const taken = await submit([merchant], {
    kind: 'capture',
    debit: FIRST_MEMBER,
    credit: TREASURY,
    amount: 55,
    hold: decodeTransaction(held.list[0]!).id,
  })
  const back = { debit: TREASURY, credit: FIRST_MEMBER, amount: 10, original: decodeTransaction(taken.list[0]!).id }
  await submit([merchant], { kind: 'reverse', ...back })
  await submit([world.owner(FIRST_MEMBER)], {
    kind: 'hold',
    debit: FIRST_MEMBER,
    credit: TREASURY,
    amount: 4,
    until: world.nowMs + 3_600_000,
  })
  const both = [issuer, world.owner(FIRST_MEMBER)]
  const group = [{ first: 1, count: 2 }]
  await submitGrouped(
    both,
    group,
    world.issue(FIRST_MEMBER, 1),
    world.issue(FIRST_MEMBER, 5),
    world.redeem(FIRST_MEMBER, 3),
  )
  await submitGrouped(
    both,
    group,
    world.issue(FIRST_MEMBER, 1),
    world.issue(FIRST_MEMBER, 5),
    world.redeem(FIRST_MEMBER, 99),
  )
  add('promise', encodePromise({ ...spent.answer.promise!, transactions: spent.list }))
  await world.log.publisher.publish()
  add('ledger-id', world.ledgerId)
  for (let index = 0; index < world.log.size; index++) add(`entry.${index}`, await entryAt(world, index))
  add('seal-salt.0', world.log.salt(0)!)
  add('seal-salt.1', world.log.salt(1)!)
  add('seal-salt.2', world.log.salt(2)!)
  add('checkpoint', utf8Decode(world.log.publisher.published!.checkpoint))
  add('receipt.entry-18', utf8Decode((await world.log.prover.receipt(18)) as Uint8Array))
  add('receipt.entry-20', utf8Decode((await world.log.prover.receipt(20)) as Uint8Array))
  for (const allSignatures of [false, true]) {
    const statement = await world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures })
    add(allSignatures ? 'statement.signatures' : 'statement', statement as Uint8Array)
  }
  return [...vectors, ...(await refusalOf(world))]
}

async function entryAt(world: World, index: number): Promise<Uint8Array> {
  const bundle = (await world.log.entryBundle(0, index + 1))!
  let at = 0
  for (let i = 0; i < index; i++) at += 2 + bundle[at]! * 256 + bundle[at + 1]!
  return bundle.slice(at + 2)
}

/** A refusal of a batch that names an unknown signer: the message, and the file. */
async function refusalOf(world: World): Promise<Vector[]> {
  const list = [world.bytes(world.issue(FIRST_MEMBER, 1), makeId(world.nowMs, sha256('id refused').subarray(0, 10)))]
  const signers: Signer[] = [{ record: 99, key: world.keys.issuer }]
  const refused = await world.submit(signers, ...list).catch((error: unknown) => error)
  if (!(refused instanceof RefusedError)) throw new Error('the batch was not refused')
  const { signatures, transactions } = signed(world.ledgerId, signers, list)
  const submission = encodeSubmission(signatures, list)
  return [
    { name: 'refusal.message', value: refusalMessage(refused.refusal, signatures, transactions) },
    { name: 'refusal', value: encodeRefusal({ ...refused.refusal, submission }) },
  ]
}

const WIDTH = 120

/** The text of SPEC §15 between its markers. */
export function formatVectors(vectors: readonly Vector[]): string {
  const blocks = vectors.map(({ name, value }) => {
    const text = typeof value === 'string' ? value : toHex(value)
    if (typeof value === 'string' && value.includes('\n')) return `${name}\n\`\`\`\n${value}\`\`\``
    const lines = text.match(new RegExp(`.{1,${WIDTH}}`, 'g')) ?? []
    return `${name} (${text.length / 2} bytes)\n${lines.map(line => `    ${line}`).join('\n')}`
  })
  return blocks.join('\n\n')
}

export const BEGIN = '<!-- vectors: made by `npm run vectors` -->\n'
export const END = '\n<!-- end of vectors -->'

/** SPEC.md with its vectors replaced by those that the code makes. */
export async function withVectors(spec: string): Promise<string> {
  const [begin, end] = [spec.indexOf(BEGIN), spec.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error('SPEC.md has no place for the vectors')
  const vectors = await makeVectors()
  return withExample(spec.slice(0, begin + BEGIN.length), vectors) + formatVectors(vectors) + spec.slice(end)
}

/** The entry that §4 goes through byte by byte. */
const EXAMPLE = 18

/** The pages before the vectors, with the bytes that §4 shows of a batch: what is long in short, and the ledger id. */
function withExample(pages: string, vectors: readonly Vector[]): string {
  const entry = (index: number) => vectors.find(({ name }) => name === `entry.${index}`)!.value as Uint8Array
  const { signatures, root, statuses } = decodeBatch(entry(EXAMPLE))
  const refused = statuses.at(-1)!
  const short = (bytes: Uint8Array) => `${toHex(bytes).slice(0, 8)}…${toHex(bytes).slice(-8)}`
  const ed25519 = signatures.map(one => short(one.ed25519))
  return pages
    .replaceAll(/(83 0[01] 02 5840 )[0-9a-f]{8}…[0-9a-f]{8}/g, (_, before) => before + ed25519.shift())
    .replaceAll(/[0-9a-f]{8}…[0-9a-f]{8}( +root$)/gm, (_, after) => short(root) + after)
    .replace(/(42 00 )[0-9a-f]{2}( +statuses: accepted, )\d+/, (_, before, between) =>
      [before, toHex(Uint8Array.of(refused)), between, refused].join(''),
    )
    .replace(/(refused as `insufficient` \(status\s)\d+/, (_, before) => before + refused)
    .replace(/^[0-9a-f]{64}( +ledger id)/m, (_, after) => toHex(leafHash(entry(0))) + after)
}

if (process.argv[1] === import.meta.filename) {
  const path = new URL('../SPEC.md', import.meta.url)
  await writeFile(path, await withVectors(await readFile(path, 'utf8')))
  console.log('Wrote the vectors into SPEC.md.')
}
