import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Command } from 'commander'
import {
  accountUnder,
  leafOf,
  makeTransaction,
  OutcomeError,
  publicKeyOf,
  type SigningKey,
} from '../../src/client/index.ts'
import { equalBytes, fromHex, toHex } from '../../src/core/bytes.ts'
import type { Custodian, OpenAccount, RecoveryTerms, TransactionOf } from '../../src/core/entry/transaction.ts'
import { leafHash } from '../../src/core/tree/merkle.ts'
import { type KeyFile, memberPaths, newKey, readKey, writeKey } from '../../src/files/key-files.ts'
import { oncePath } from '../../src/files/once-file.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists, writeBytes } from '../../src/node/file-system.ts'
import { readText } from '../../src/node/plain-text.ts'
import { type Card, formatCard, parseCard } from '../../src/verify/card.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { custodianOption, manyPaths, type Remote, timeSpan, wholeNumber } from '../input/options.ts'
import { type Referring, referenceOf, referringOptions, refOption } from '../input/references.ts'
import { type SendOptions, send, sends } from '../input/sending.ts'
import { Session } from '../input/session.ts'
import { print, printJson } from '../screen/screen.ts'
import { commandAt } from './act-commands.ts'

/** On what terms recovery keys may put another owner's key in place. */
interface Recovery {
  readonly recovery?: readonly string[]
  readonly recoveryNeed?: number
  readonly recoveryDelay?: number
}

/** Who acts for an account, and which commands write that down. */
export function accountCommands(program: Command): void {
  openCommand(program)
  findCommand(program)
  custodyCommand(program)
  const rotate = commandAt(program, 'account rotate', 'put an account under another owner key; the old key signs', [
    'account rotate --account 3 --public 5d19…3fec --key data/members/3.key.json',
  ])
  sends(rotate)
    .requiredOption('--account <account>', "the member's account", wholeNumber)
    .requiredOption('--public <hex>', 'the new public key')
    .option('--to <record>', "record of the custodian's key from now on, where there is one; or none", recordOrNone)
    .option('--card <file>', 'the card to put the new key on; by default the one below --data')
    .action(({ public: owner, ...options }: Remote & CustodyFlags & { public: string }) =>
      setCustody({ ...options, owner }),
    )
}

function recordOrNone(text: string): number | null {
  return text === 'none' ? null : wholeNumber(text)
}

function recoveryOptions(command: Command): Command {
  return command
    .option(
      '--recovery <hex>',
      'public key that can recover the account; up to four',
      (hex: string, before: string[] = []) => [...before, hex],
    )
    .option('--recovery-need <keys>', 'how many of them must sign; by default all', wholeNumber)
    .option('--recovery-delay <time>', 'how long the owner can veto; 7d by default', timeSpan)
}

/** How long an old key can veto a recovery, unless the opening says otherwise. */
const RECOVERY_DELAY_MS = 7 * 86_400_000

function recoveryTerms({ recovery, recoveryNeed, recoveryDelay }: Recovery): RecoveryTerms | null {
  if (recovery === undefined) return null
  return {
    keys: recovery.map(hex => fromHex(hex, 32)),
    need: recoveryNeed ?? recovery.length,
    delayMs: recoveryDelay ?? RECOVERY_DELAY_MS,
  }
}

/** A custodian by its record, as openings name it. @throws UsageError `account`. */
async function custodianAt(session: Session, record: number): Promise<Custodian> {
  const registered = (await session.registry())[record]
  if (registered?.transaction.kind !== 'register-key' || registered.transaction.role !== 'custodian')
    throw new UsageError('account', `Record ${record} is no custodian's key: see tally key list.`)
  return { record, leaf: leafOf(registered.transaction) }
}

interface OpenFlags extends Omit<Remote, 'custodian'>, Recovery, Referring, SendOptions {
  /** The shop's own name for her. */
  readonly ref?: string
  /** A key file; false for an account without an owner. */
  readonly owner?: string | false
  readonly public?: string
  readonly nonce?: string
  readonly card?: string
  readonly unit?: number
  /** Record of the custodian's key. */
  readonly custodian?: number
}

function openCommand(program: Command): void {
  const command = commandAt(program, 'account open', 'open a member account and write its key and card', [
    'account open',
    'account open --public 5d19…3fec --nonce 7c20…91ab --card hers.card.json',
    'account open --no-owner --custodian 9',
    'account open --ref cust_8842 --sponsor 9 --ref-secret shop.json',
  ])
    .option('--owner <file>', 'an owner key made with `tally keygen`; by default a new one is written to --data')
    .option('--no-owner', 'no owner key: only the custodian acts')
    .option('--public <hex>', "the holder's own public key, who keeps the secret")
    .option('--nonce <hex>', "the holder's own nonce, as `tally keygen --nonce` prints it; by default one is drawn")
    .option('--card <file>', 'where to write the card; by default below --data')
    .option('--unit <record>', 'record of the unit; by default the first', wholeNumber)
    .option('--custodian <record>', "record of a custodian's key that may act in the owner's stead", wholeNumber)
    .addOption(refOption())
  for (const option of referringOptions()) command.addOption(option)
  recoveryOptions(sends(command)).action(openAccount)
}

function findCommand(program: Command): void {
  const command = commandAt(
    program,
    'account find',
    'say which account was opened under a name of the shop: the word of the ledger, which its statement proves',
    ['account find --ref cust_8842', 'account find --ref cust_8842 --ref-secret shop.json --key shop.key'],
  )
    .addOption(refOption().makeOptionMandatory())
    .option('--unit <record>', 'record of the unit; by default the first', wholeNumber)
  for (const option of referringOptions()) command.addOption(option)
  command.option('--json', 'print JSON').action(findAccount)
}

async function findAccount(
  options: Remote & Referring & { readonly ref: string; readonly unit?: number; readonly json?: boolean },
): Promise<void> {
  const session = await Session.open(options)
  const unit = (await unitOf(session, options.unit)).number
  const { ref, sponsor } = await referenceOf(options, unit, false)
  const place = sponsor === null ? { unit } : { unit, sponsor }
  const account = await accountUnder(await session.calling('registrar'), place, ref)
  if (account === undefined)
    throw new OutcomeError(
      'ref-unknown',
      `No account was opened as "${options.ref}" in unit ${unit}, ${sponsor === null ? 'by the platform' : `for account ${sponsor}`}.`,
    )
  if (options.json) printJson({ account, unit, sponsor })
  else print(`Account ${account}.\n`)
}

/** The unit of a record, or the first. @throws UsageError `account`. */
async function unitOf(session: Session, record?: number): Promise<UnitRecord> {
  for (const { transaction, number } of await session.registry())
    if (transaction.kind === 'define-unit' && number === (record ?? number)) return { transaction, number }
  throw new UsageError('account', `There is no unit ${record ?? ''}: see tally unit list.`)
}

interface UnitRecord {
  readonly number: number
  readonly transaction: TransactionOf<'define-unit'>
}

/** The owner of an opening, as far as it is known here; undefined for an account without one. */
async function ownerOf(
  { owner, public: publicKey, dryRun }: OpenFlags,
  kept: string,
): Promise<Partial<KeyFile> | undefined> {
  if (owner === false) return undefined
  if (publicKey !== undefined) return { publicKey: fromHex(publicKey, 32) }
  if (owner !== undefined) return readKey(owner)
  // A new key is kept before its account is asked for: after a lost answer the account may be there, under this key.
  if (await fileExists(kept)) return readKey(kept)
  const made = await newKey('owner')
  if (!dryRun) await writeKey(kept, made)
  return made
}

async function openAccount({ custodian, once: named, ...flags }: OpenFlags): Promise<void> {
  // An opening draws a key and a nonce: only what is kept can be sent again.
  const once = named ?? toHex(randomBytes(16))
  const options = { ...flags, once }
  const session = await Session.open(options)
  const registrar = await session.key('registrar')
  const { ledgerId, origin } = await session.client.identity()
  const unit = await unitOf(session, options.unit)
  const { ref } = options
  const referred =
    ref === undefined ? { sponsor: options.sponsor ?? null } : await referenceOf({ ...options, ref }, unit.number, true)
  const kept = oncePath(options.data, once, 'key.json')
  const owner = await ownerOf(options, kept)
  const held = custodian === undefined ? null : await custodianAt(session, custodian)
  const openingOf = (id: Uint8Array) =>
    makeTransaction('open-account', {
      id,
      accountKind: 'member',
      unit: unit.number,
      terms: leafOf(unit.transaction),
      owner: owner?.publicKey ?? null,
      custodian: held,
      recovery: recoveryTerms(options),
      ...referred,
      nonce:
        options.nonce === undefined ? (owner?.nonce ?? new Uint8Array(randomBytes(32))) : fromHex(options.nonce, 32),
    })
  const sent = await send(session, [registrar], options, id => [openingOf(id)])
  if (sent === undefined) return
  const { answer, entry, logIndex, isRepeated } = sent
  const transaction = sent.transactions[0] as OpenAccount
  const account = answer.accounts[0]![1]
  const paths = memberPaths(options.data, account)
  const isMade = owner !== undefined && options.owner === undefined && options.public === undefined
  if (isMade && !(await fileExists(paths.key)))
    await writeKey(paths.key, { ...(owner as KeyFile), account, nonce: transaction.nonce, ledger: ledgerId })
  const key = isMade ? paths.key : options.owner || undefined
  const card = options.card ?? paths.card
  const opened = cardOf(transaction, { origin, ledgerId, account, opening: leafHash(entry) })
  // The number is the ledger's word until the account stands there in what it signed.
  const statement = await session.client.as(registrar).statement(account)
  verifyStatement(statement, { policy: session.policy, card: opened })
  await writeBytes(card, formatCard(opened))
  await rm(kept, { force: true })
  if (named === undefined) await rm(oncePath(options.data, once), { force: true })
  if (options.json) return printJson({ account, index: logIndex, key, card, ...(isRepeated ? { repeated: true } : {}) })
  print(
    `Opened account ${account}${isRepeated ? ' before' : ''} (entry ${logIndex}, sealed).\n${key === undefined ? '' : `  key   ${key}\n`}  ` +
      `card  ${card}\nThe card is what the holder keeps: with it she knows a statement is hers. She compares nonce ` +
      'and key with her own: tally verify --card … --key …\n',
  )
}

function cardOf({ nonce, owner }: OpenAccount, rest: Omit<Card, 'nonce' | 'owners'>): Card {
  return { ...rest, nonce, owners: owner === null ? [] : [owner] }
}

/** What a `set-custody` names. */
interface CustodyFlags extends Recovery, SendOptions {
  readonly account: number
  /** A public key in hex, or `none`. */
  readonly owner?: string
  /** Record of the custodian's key, or null for none. */
  readonly to?: number | null
  readonly with?: readonly string[]
  readonly card?: string
}

function custodyCommand(program: Command): void {
  const command = commandAt(
    program,
    'account custody',
    'say who acts for an account from now on: owner and custodian',
    [
      'account custody --account 3 --to 9 --with house.key.json',
      'account custody --account 3 --to none',
      'account custody --account 3 --owner 5d19…3fec --to 9 --custodian house.key.json',
    ],
  )
    .requiredOption('--account <account>', "the member's account", wholeNumber)
    .option('--owner <hex>', "the owner's public key from now on, or none; by default the one that signs")
    .option('--to <record>', "record of the custodian's key from now on, or none", recordOrNone)
    .option('--with <file>', 'another key that signs besides: that of a new custodian', manyPaths)
    .option('--card <file>', 'the card to put the owner key on; by default the one below --data')
    .addOption(custodianOption())
  recoveryOptions(sends(command)).action(setCustody)
}

/**
 * Makes a `set-custody`. What stays is named as well as what changes, so what the ledger says there is has to be said
 * here, too: nobody is put in, or left in, on the ledger's word alone.
 */
async function setCustody(options: Remote & CustodyFlags): Promise<void> {
  const { account } = options
  const session = await Session.open(options)
  const key = await session.ownerKey(account)
  const others = await Promise.all((options.with ?? []).map(file => session.keyIn(file)))
  const owner = ownerNamed(options, key)
  const sent = await send(session, [key, ...others], options, async id => [
    makeTransaction('set-custody', {
      ...{ id, account, owner },
      custodian: await custodianNamed(options, session, key),
      recovery: recoveryTerms(options),
    }),
  ])
  if (sent === undefined) return
  const { logIndex } = sent
  const card = owner === null ? undefined : await renewCard(options, owner)
  if (options.json) return printJson({ outcome: 'accepted', account, index: logIndex, card })
  print(
    `Accepted: set-custody, entry ${logIndex}, sealed.${card === undefined ? '' : ` The owner key is on ${card}.`}\n`,
  )
}

function ownerNamed({ owner }: CustodyFlags, key: SigningKey): Uint8Array | null {
  if (owner === 'none') return null
  if (owner !== undefined) return fromHex(owner, 32)
  return 'account' in key.holder ? publicKeyOf(key) : null
}

async function custodianNamed(
  { account, to }: CustodyFlags,
  session: Session,
  key: SigningKey,
): Promise<Custodian | null> {
  if (to === null) return null
  if (to !== undefined) return custodianAt(session, to)
  const { custodian } = await session.client.as(key).account(account)
  if (custodian === null) return null
  throw new UsageError(
    'account',
    `Account ${account} is in the custody of record ${custodian}. Say --to ${custodian} to leave it there, or ` +
      '--to none.',
  )
}

/** Puts an owner key on the card of the account, where there is one here; returns where. */
async function renewCard(
  { data, account, card }: Remote & CustodyFlags,
  owner: Uint8Array,
): Promise<string | undefined> {
  const path = card ?? memberPaths(data, account).card
  if (!(await fileExists(path))) return undefined
  const before = await readText(path, parseCard)
  const owners = [...before.owners.filter(key => !equalBytes(key, owner)), owner]
  await writeBytes(path, formatCard({ ...before, owners }))
  return path
}
