import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { addCheckpoint, type SigningKey, signWith } from '../src/client/index.ts'
import { batchMessage, NO_LEDGER_ID, transactionsFrom } from '../src/core/batch.ts'
import { equalBytes, utf8Decode } from '../src/core/bytes.ts'
import { ID_RANDOM_BYTES, makeId } from '../src/core/id.ts'
import { ED25519_KEY, formatVerifierKey, sameKey, verifierKey } from '../src/core/note.ts'
import { formatPolicy, type Policy, parsePolicy } from '../src/core/policy.ts'
import { encodeTransaction, type Role, type Transaction } from '../src/core/transaction.ts'
import { ACCEPTED, OUTCOMES } from '../src/ledger/index.ts'
import { systemClock, TallyLog, type WitnessPort } from '../src/log/index.ts'
import { openLevelStore } from '../src/store/index.ts'
import { OutcomeError, UsageError } from './failure.ts'
import { fileExists, readBytes, writeBytes } from './files.ts'
import { type KeyFile, keyPath, newKey, readKey, writeKey } from './keys.ts'

/** What a data directory says of its ledger, in `ledger.json`. */
const settingsSchema = z.strictObject({
  format: z.literal('tallystick/ledger/v1'),
  origin: z.string().min(1).max(255),
  periodMs: z.number().int().min(10).max(3_600_000),
  heartbeatMs: z.number().int().min(1000).max(86_400_000),
})

export type Settings = z.infer<typeof settingsSchema>

/** The ledger's keys, by file name. `salt` is no signing key: its seed is the secret behind the salts of the totals. */
const KEY_NAMES = [
  'log',
  'salt',
  'root',
  'registrar',
  'treasurer',
  'issuer',
  'auditor',
  'import-registrar',
  'import-issuer',
] as const
type KeyName = (typeof KEY_NAMES)[number]
type Keys = Readonly<Record<KeyName, KeyFile>>

/** What the first start makes: a unit of that name and cap, and a budget with that much. */
const UNIT = 'coins'
const CAP = 1_000_000_000_000
const FUNDED = 1_000_000_000

/** Keys for imports may name times this far back: 100 years. */
const IMPORT_BACKDATE_MS = 100 * 365 * 86_400_000

/** Clocks of members and platforms may be off by this much. */
const SKEW_MS = 10 * 60_000
/** What is acknowledged is in a checkpoint after this time at the latest. */
const PROMISE_MS = 60_000

export interface OpenedLedger {
  readonly log: TallyLog
  readonly settings: Settings
  /** What `policy` in the data directory says: the log, the witnesses it asks, the quorum it proposes. */
  readonly policy: Policy
  /** Whether this call made the ledger. */
  readonly isNew: boolean
}

export interface SetupOptions {
  readonly data: string
  /** For a new ledger: its name. */
  readonly origin: string
  readonly onFailure: (error: unknown) => void
  readonly onProgress?: (entries: number, size: number) => void
  /** Is told when a witness does not cosign. */
  readonly onWitnessTrouble?: (name: string, what: string) => void
}

/**
 * Opens the ledger of a data directory; in an empty one it first makes keys, genesis, a unit, a treasury and a funded
 * budget. Every step looks whether it was done, so a first start that was cut off is finished by the next.
 */
export async function openLedger(options: SetupOptions): Promise<OpenedLedger> {
  const { data, onFailure, onProgress, onWitnessTrouble } = options
  const path = join(data, 'ledger.json')
  const isNew = !(await fileExists(path))
  if (isNew && (await fileExists(join(data, 'store'))))
    throw new UsageError(
      'data',
      `${data} has a store but no ledger.json: restore that file, or choose an empty --data directory.`,
    )
  if (isNew) await writeSettings(path, options.origin)
  const settings = await readSettings(path)
  const keys = await readKeys(data)
  const policy = await readPolicy(join(data, 'policy'), settings.origin, keys.log.publicKey)
  const log = await TallyLog.open({
    store: await openLevelStore(join(data, 'store')),
    clock: systemClock,
    origin: settings.origin,
    logSeed: keys.log.seed,
    saltSecret: keys.salt.seed,
    periodMs: settings.periodMs,
    heartbeatMs: settings.heartbeatMs,
    onFailure,
    witnesses: portsOf(policy),
    ...(onWitnessTrouble === undefined ? {} : { onWitnessTrouble }),
    ...(onProgress === undefined ? {} : { onProgress }),
  })
  try {
    await found(log, keys)
  } catch (error) {
    await log.close()
    throw error
  }
  return { log, settings, policy, isNew }
}

async function writeSettings(path: string, origin: string): Promise<void> {
  const settings: Settings = { format: 'tallystick/ledger/v1', origin, periodMs: 1000, heartbeatMs: 60_000 }
  await writeBytes(path, `${JSON.stringify(settings, undefined, 2)}\n`)
}

async function readSettings(path: string): Promise<Settings> {
  const bytes = await readBytes(path)
  try {
    return settingsSchema.parse(JSON.parse(utf8Decode(bytes)))
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw new UsageError('settings', `${path} is not what it should be: ${why}`)
  }
}

/** The policy of a data directory; where there is none, one of the log alone is made. @throws UsageError `settings`. */
async function readPolicy(path: string, origin: string, logKey: Uint8Array): Promise<Policy> {
  const key = verifierKey(origin, ED25519_KEY, logKey)
  const alone: Policy = { logs: [{ key }], witnesses: [], groups: [], quorum: 'none' }
  if (!(await fileExists(path))) await writeBytes(path, formatPolicy(alone))
  const policy = parsePolicy(await readBytes(path))
  if (!policy.logs.some(log => log.key.name === origin && sameKey(log.key, key)))
    throw new UsageError('settings', `${path} does not name this ledger: log ${formatVerifierKey(key)}`)
  return policy
}

/** The witnesses of a policy that can be asked: those that have a URL. */
function portsOf({ witnesses }: Policy): WitnessPort[] {
  return witnesses.flatMap(({ name, key, url }) =>
    url === undefined ? [] : [{ name, key, addCheckpoint: (body, signal) => addCheckpoint(url, body, signal) }],
  )
}

/** The keys of a data directory; those that are missing are made. */
async function readKeys(data: string): Promise<Keys> {
  const keys: Partial<Record<KeyName, KeyFile>> = {}
  for (const name of KEY_NAMES) {
    const path = keyPath(data, name)
    if (!(await fileExists(path))) await writeKey(path, newKey(name))
    keys[name] = await readKey(path)
  }
  return keys as Keys
}

type Draft = Transaction extends infer T ? (T extends Transaction ? Omit<T, 'id'> : never) : never

/** Brings a ledger to where the first start ends: whatever of it is missing is made. */
async function found(log: TallyLog, keys: Keys): Promise<void> {
  const { state } = log.ledger
  const { registry, accounts } = state
  const submit = async (key: SigningKey, ...drafts: Draft[]) => {
    const list = drafts.map(draft => encodeTransaction({ ...draft, id: freshId() } as Transaction))
    const transactions = transactionsFrom(list)
    const message = batchMessage(state.ledgerId ?? NO_LEDGER_ID, transactions.count, transactions.root)
    const { statuses } = await log.submit({ signatures: [signWith(key, message)], transactions })
    const refused = statuses.findIndex(status => status !== ACCEPTED)
    if (refused >= 0)
      throw new OutcomeError(OUTCOMES[statuses[refused]!]!, `setting up the ledger failed at ${drafts[refused]!.kind}`)
  }
  const root: SigningKey = { holder: { record: 0 }, seed: keys.root.seed }
  if (state.ledgerId === undefined)
    await submit(root, {
      kind: 'genesis',
      origin: log.logKey.name,
      logKey: keys.log.publicKey,
      rootKey: keys.root.publicKey,
      skewMs: SKEW_MS,
      promiseMs: PROMISE_MS,
    })
  const recordOf = ({ publicKey }: KeyFile) =>
    registry.records.findIndex(({ number }) => equalBytes(registry.key(number)?.key ?? new Uint8Array(0), publicKey))
  const register = async (name: KeyName, role: Role, scope: number[] = [], backdateMs = 0) => {
    if (recordOf(keys[name]) < 0)
      await submit(root, { kind: 'register-key', key: keys[name].publicKey, role, scope, backdateMs })
  }
  await register('registrar', 'registrar')
  await register('treasurer', 'treasurer')
  await register('auditor', 'auditor')
  await register('import-registrar', 'registrar', [], IMPORT_BACKDATE_MS)
  if (registry.units.length === 0) await submit(root, { kind: 'define-unit', name: UNIT, cap: CAP })
  const unit = registry.units[0]!
  const treasurer: SigningKey = { holder: { record: recordOf(keys.treasurer) }, seed: keys.treasurer.seed }
  const account = {
    kind: 'open-account',
    unit: unit.record,
    owner: null,
    nonce: new Uint8Array(randomBytes(32)),
  } as const
  if (unit.treasury < 0) await submit(treasurer, { ...account, accountKind: 'treasury' })
  const budget = unit.treasury + 1
  if (accounts.count <= budget) await submit(treasurer, { ...account, accountKind: 'budget' })
  if (accounts.credited(budget) === 0)
    await submit(treasurer, { kind: 'fund', debit: unit.treasury, credit: budget, amount: FUNDED })
  await register('issuer', 'issuer', [budget])
  await register('import-issuer', 'issuer', [budget], IMPORT_BACKDATE_MS)
  if (log.publisher.published === undefined) await log.publisher.publish()
}

/** An id of now. */
export function freshId(): Uint8Array {
  return makeId(Date.now(), new Uint8Array(randomBytes(ID_RANDOM_BYTES)))
}
