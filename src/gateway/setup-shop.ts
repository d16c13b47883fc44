import { randomBytes } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import { z } from 'zod'
import {
  type Draft,
  fromDraft,
  heldAtMost,
  type ListedRecord,
  leafOf,
  publicKeyOf,
  type SigningKey,
  type TallyClient,
} from '../client/index.ts'
import { refusal } from '../client/refused-transaction.ts'
import { equalBytes, fromBase64, toBase64, utf8Decode } from '../core/bytes.ts'
import { ACCEPTED, TIME_BEHIND } from '../core/entry/outcome.ts'
import { encodeTransaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { MEMBER_RATE } from '../core/limits.ts'
import { formatPolicy } from '../core/note/policy.ts'
import { type Shop, type ShopRole, type ShopUnit, writeShop } from '../files/shop-file.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, readBytes, writeBytes } from '../node/file-system.ts'
import { ShopDerivation } from './derivation.ts'

/** What a shop's unit is to be. */
export interface UnitPlan {
  readonly name: string
  /** The most points that may be out. */
  readonly cap: number
  /** What the budget is given at first. */
  readonly fund: number
  /** How long a movement can be reversed, in ms. */
  readonly windowMs: number
  /** After how many days points expire; 0: never. */
  readonly expiresDays: number
  readonly holdMs: number
  /** The most points of one gift, and of all gifts of a member on a day; by default there are no gifts. */
  readonly giftEach?: number
  readonly giftDay?: number
}

export interface ShopSetupOptions {
  readonly client: TallyClient
  /** Root keys, as many as the ledger needs. */
  readonly roots: readonly SigningKey[]
  readonly treasurer: SigningKey
  readonly plan: UnitPlan
  /** The file of the shop that is written, mode 0600. */
  readonly path: string
  /** The shop that the unit is added to: it is in that file; without it, a new shop is made. */
  readonly shop?: Shop
  /** Whether the shop gets a key that reads all entries of the ledger, for its reports; by default it does. */
  readonly hasReports?: boolean
  readonly nowMs?: () => number
}

/** The accounts of a unit in which a shop is paid, and takes back. */
function shopOf({ treasury, merchant }: ShopUnit): number[] {
  return [treasury, merchant]
}

/** What a custodian may do: spend, convert and take, consent, and give: SPEC §5. */
const CUSTODY = 15

const draftSchema = z.strictObject({
  format: z.literal('tallystick/shop-draft/v1'),
  secret: z.string(),
  seeds: z.strictObject({
    ...{ registrar: z.string(), issuer: z.string(), merchant: z.string(), custodian: z.string() },
    auditor: z.string(),
  }),
  /** Times under which transactions were sent: a run that was cut off goes on with what it did. */
  times: z.array(z.number().int()),
})
type ShopDraft = z.infer<typeof draftSchema>

/** The roles of the keys that are made: those that a shop acts with, and the one that reads for its reports. */
type SeedRole = ShopRole | 'auditor'

interface SetupStep {
  readonly name: string
  readonly draft: Draft
}

/**
 * Makes a shop in a ledger: a unit in which members need no keys, as a custodian acts for them; a treasury, a funded
 * budget, an account for what expires and one for the shop; and the keys of registrar, issuer, merchant and
 * custodian, with one that reads for reports. Writes it into one file. A run that was cut off is finished by the next.
 *
 * A unit that is added to a shop comes with new keys of issuer and merchant for all units, as the scope of a key never
 * changes. Those before stand: a gateway that runs signs with them until it is started again.
 *
 * @throws UsageError `shop-exists`; OutcomeError with the outcome, as `name-taken`; others of `TallyClient.submit`.
 */
export async function setupShop(options: ShopSetupOptions): Promise<Shop> {
  const { path, client } = options
  if (options.shop === undefined && (await fileExists(path)))
    throw new UsageError('shop-exists', `${path} exists already. Take another --out for another shop.`)
  const draftPath = `${path}.part`
  const draft = await readDraft(draftPath, options.nowMs ?? Date.now)
  const shop = await new ShopSetup(options, draft, draftPath).make()
  await writeShop(path, { ...shop, ledger: client.options.url })
  await unlink(draftPath)
  return shop
}

async function readDraft(path: string, nowMs: () => number): Promise<ShopDraft> {
  if (await fileExists(path))
    try {
      return draftSchema.parse(JSON.parse(utf8Decode(await readBytes(path))))
    } catch {
      throw new UsageError('shop-file', `${path} is not what a set-up that was cut off left. Delete it to begin again.`)
    }
  const fresh = () => toBase64(new Uint8Array(randomBytes(32)))
  const draft: ShopDraft = {
    format: 'tallystick/shop-draft/v1',
    secret: fresh(),
    seeds: { registrar: fresh(), issuer: fresh(), merchant: fresh(), custodian: fresh(), auditor: fresh() },
    times: [nowMs()],
  }
  await writeDraft(path, draft)
  return draft
}

function writeDraft(path: string, draft: ShopDraft): Promise<void> {
  return writeBytes(path, `${JSON.stringify(draft)}\n`, 0o600)
}

class ShopSetup {
  readonly #options: ShopSetupOptions
  readonly #path: string
  readonly #secret: Uint8Array
  readonly #derivation: ShopDerivation
  readonly #seeds: Readonly<Record<SeedRole, Uint8Array>>
  #draft: ShopDraft

  constructor(options: ShopSetupOptions, draft: ShopDraft, path: string) {
    this.#options = options
    this.#draft = draft
    this.#path = path
    this.#secret = fromBase64(draft.secret)
    this.#derivation = new ShopDerivation(this.#secret)
    const { registrar, issuer, merchant, custodian, auditor } = draft.seeds
    this.#seeds = {
      registrar: fromBase64(registrar),
      issuer: fromBase64(issuer),
      merchant: fromBase64(merchant),
      custodian: fromBase64(custodian),
      auditor: fromBase64(auditor),
    }
  }

  async make(): Promise<Shop> {
    const { client, roots, treasurer, plan, shop } = this.#options
    const { name, cap, windowMs, giftEach = 0, giftDay = 0 } = plan
    const unitStep: SetupStep = {
      name: 'unit',
      draft: {
        ...{ kind: 'define-unit', name, cap, windowMs, holdMaxMs: heldAtMost(windowMs), giftEach, giftDay },
        ...{ custody: CUSTODY, memberRate: MEMBER_RATE },
      },
    }
    const holders: SetupStep[] = [
      { name: 'registrar', draft: this.#registration('registrar') },
      { name: 'custodian', draft: this.#registration('custodian') },
    ]
    const { hasReports = true } = this.#options
    const reader: SetupStep[] =
      hasReports && shop?.auditor === undefined ? [{ name: 'auditor', draft: this.#registration('auditor') }] : []
    await this.#run(roots, [unitStep, ...(shop === undefined ? holders : []), ...reader])
    const records = await client.registry()
    const unit = records.findLast(({ transaction }) => transaction.kind === 'define-unit' && transaction.name === name)
    check(unit !== undefined, 'record-missing', `the ledger accepted the unit ${name}, and lists no record of it`)
    const terms = leafOf(unit.transaction)
    const opening = (accountKind: 'treasury' | 'budget' | 'expired' | 'merchant'): SetupStep => {
      const nonce = this.#derivation.salt('setup', accountKind)
      return { name: accountKind, draft: { kind: 'open-account', accountKind, unit: unit.number, terms, nonce } }
    }
    const opened = await this.#run(
      [treasurer],
      [opening('treasury'), opening('budget'), opening('expired'), opening('merchant')],
    )
    const numbers = {
      treasury: opened.get('treasury')!,
      budget: opened.get('budget')!,
      expired: opened.get('expired')!,
      merchant: opened.get('merchant')!,
    }
    const { treasury, budget, merchant } = numbers
    // A key's scope never changes: those for all units take the place of those before.
    const before = shop?.units ?? []
    await this.#run(
      [...roots, treasurer],
      [
        { name: 'fund', draft: { kind: 'fund', debit: treasury, credit: budget, amount: plan.fund } },
        { name: 'issuer', draft: this.#registration('issuer', [...before.map(unit => unit.budget), budget]) },
        {
          name: 'merchant-key',
          draft: this.#registration('merchant', [...before.flatMap(shopOf), treasury, merchant]),
        },
      ],
    )
    const { expiresDays, holdMs } = plan
    return this.#shop({ name, record: unit.number, terms, ...numbers, expiresDays, holdMs }, await client.registry())
  }

  #registration(role: SeedRole, scope: readonly number[] = []): Draft {
    return {
      kind: 'register-key',
      key: publicKeyOf({ holder: { record: 0 }, seed: this.#seeds[role] }),
      role,
      scope: [...scope].sort((a, b) => a - b),
    }
  }

  async #shop(unit: ShopUnit, records: readonly ListedRecord[]): Promise<Shop> {
    const { client } = this.#options
    const recordOf = (role: SeedRole) => {
      const key = publicKeyOf({ holder: { record: 0 }, seed: this.#seeds[role] })
      const found = records.find(
        ({ transaction }) => transaction.kind === 'register-key' && equalBytes(transaction.key, key),
      )
      check(found !== undefined, 'record-missing', `the ledger accepted the ${role}'s key, and lists no record of it`)
      return found
    }
    const signing = (role: SeedRole): SigningKey => ({
      holder: { record: recordOf(role).number },
      seed: this.#seeds[role],
    })
    const { policy, url } = client.options
    const { shop, hasReports = true } = this.#options
    const auditor = shop?.auditor ?? (hasReports ? signing('auditor') : undefined)
    const reader = auditor === undefined ? {} : { auditor }
    if (shop !== undefined)
      return {
        ...shop,
        ...reader,
        units: [...shop.units, unit],
        keys: { ...shop.keys, issuer: signing('issuer'), merchant: signing('merchant') },
      }
    return {
      ledger: url,
      ledgerId: (await client.identity()).ledgerId,
      policy,
      policyText: formatPolicy(policy),
      units: [unit],
      keys: {
        registrar: signing('registrar'),
        issuer: signing('issuer'),
        merchant: signing('merchant'),
        custodian: signing('custodian'),
      },
      ...reader,
      custodianLeaf: leafOf(recordOf('custodian').transaction),
      secret: this.#secret,
    }
  }

  /** Has steps accepted, and returns which accounts they opened. What an earlier run did counts. */
  async #run(keys: readonly SigningKey[], steps: readonly SetupStep[]): Promise<Map<string, number>> {
    const opened = new Map<string, number>()
    let left = steps
    for (let at = 0; left.length > 0; at++) {
      const isNow = at === this.#draft.times.length
      if (isNow) await this.#addTime()
      const timeMs = this.#draft.times[at]!
      const transactions = left.map(({ name, draft }) =>
        fromDraft(draft, this.#derivation.id(timeMs, this.#derivation.mark('setup', name))),
      )
      const answer = await this.#options.client.submit(transactions.map(encodeTransaction), keys, { wait: 'sealed' })
      for (const [position, account] of answer.accounts) opened.set(left[position]!.name, account)
      const wrong = answer.statuses.findIndex(status => status !== ACCEPTED && (status !== TIME_BEHIND || isNow))
      if (wrong >= 0) throw refusal(answer, wrong, `setting up the shop, at its ${left[wrong]!.name}`)
      left = left.filter((_, position) => answer.statuses[position] !== ACCEPTED)
    }
    return opened
  }

  async #addTime(): Promise<void> {
    const { nowMs = Date.now } = this.#options
    this.#draft = { ...this.#draft, times: [...this.#draft.times, nowMs()] }
    await writeDraft(this.#path, this.#draft)
  }
}
