import type { FieldsFor } from '../src/client/index.ts'
import { fromHex } from '../src/core/bytes.ts'
import { HOUR_MS } from '../src/core/holdings.ts'
import { ID_BYTES } from '../src/core/id.ts'
import type { AccountKind, Kind, Role } from '../src/core/transaction.ts'
import type { KeyName } from './found.ts'

/** Values of a command's options by their names. */
export type Values = Readonly<Record<string, string | number | readonly number[] | undefined>>

/** What an option is, for help, and how its text is read. */
export type Form = 'account' | 'points' | 'record' | 'id' | 'hash' | 'span' | 'number' | 'file' | Word

type Word = 'name' | 'role' | 'kind' | 'scope'

/** A command that makes one transaction. */
export interface Act<K extends Kind = Kind> {
  readonly command: string
  readonly summary: string
  readonly kind: K
  /** Whose key signs: a key of the ledger by its name, or the owner of the account that an option names. */
  readonly by: KeyName | { readonly ownerOf: string }
  /** Options by name: the form of each, and what it is for. A name that ends in `?` may be left out. */
  readonly options: Readonly<Record<string, readonly [form: Form, what: string]>>
  readonly fields: (values: Values, nowMs: number) => Omit<FieldsFor<K>, 'id'>
  readonly examples: readonly string[]
}

function act<K extends Kind>(one: Act<K>): Act {
  return one as unknown as Act
}

const n = (value: Values[string]): number => Number(value ?? 0)
const hash = (value: Values[string]): Uint8Array => fromHex(String(value), 32)
const id = (value: Values[string]): Uint8Array => fromHex(String(value), ID_BYTES)
export const hourAfter = (nowMs: number, span: Values[string]): number =>
  span === undefined ? 0 : Math.ceil((nowMs + n(span)) / HOUR_MS)
const details = (value: Values[string]): Uint8Array | null => (value === undefined ? null : hash(value))

const FROM_OWNER = { ownerOf: 'from' } as const
const OF_ACCOUNT = { ownerOf: 'account' } as const
const ACCOUNT = { account: ['account', "the member's account"] } as const

/** What the owner, the platform and the ledger's keepers do, each with one transaction. */
export const ACTS: readonly Act[] = [
  act({
    command: 'hold',
    summary: 'set points of a member aside for a payment',
    kind: 'hold',
    by: FROM_OWNER,
    options: {
      from: ['account', "the member's account"],
      to: ['account', 'treasury or merchant account that may capture them'],
      amount: ['points', 'how many'],
      for: ['span', 'how long the hold stands, such as 2h'],
      'details?': ['hash', 'commitment to the details, hex'],
    },
    fields: (v, nowMs) => ({
      debit: n(v['from']),
      credit: n(v['to']),
      amount: n(v['amount']),
      until: nowMs + n(v['for']),
      details: details(v['details']),
    }),
    examples: ['hold --from 3 --to 0 --amount 40 --for 2h'],
  }),
  act({
    command: 'capture',
    summary: 'take held points, whole or in part; the rest comes back',
    kind: 'capture',
    by: 'merchant',
    options: {
      from: ['account', "the member's account"],
      to: ['account', 'the account that the hold is for'],
      amount: ['points', 'how many'],
      hold: ['id', 'id of the hold, hex'],
    },
    fields: v => ({ debit: n(v['from']), credit: n(v['to']), amount: n(v['amount']), hold: id(v['hold']) }),
    examples: ['capture --from 3 --to 0 --amount 25 --hold 01a3185c7ee073b591e28b2e72ebf045'],
  }),
  act({
    command: 'release',
    summary: 'give held points back',
    kind: 'release',
    by: 'merchant',
    options: { ...ACCOUNT, hold: ['id', 'id of the hold, hex'] },
    fields: v => ({ account: n(v['account']), hold: id(v['hold']) }),
    examples: ['release --account 3 --hold 01a3185c7ee073b591e28b2e72ebf045'],
  }),
  act({
    command: 'refund',
    summary: 'reverse a redemption or a capture, whole or in part: the points come back to their lots',
    kind: 'reverse',
    by: 'merchant',
    options: {
      from: ['account', 'where the points went'],
      to: ['account', "the member's account"],
      amount: ['points', 'how many'],
      original: ['id', 'id of the transaction, hex'],
    },
    fields: v => ({ debit: n(v['from']), credit: n(v['to']), amount: n(v['amount']), original: id(v['original']) }),
    examples: ['refund --from 0 --to 3 --amount 10 --original 01a3185c7ee073b591e28b2e72ebf045'],
  }),
  act({
    command: 'clawback',
    summary: 'reverse an issue, whole or in part, as the policy of the unit allows',
    kind: 'reverse',
    by: 'issuer',
    options: {
      from: ['account', "the member's account"],
      to: ['account', 'the budget that issued'],
      amount: ['points', 'how many'],
      original: ['id', 'id of the issue, hex'],
    },
    fields: v => ({ debit: n(v['from']), credit: n(v['to']), amount: n(v['amount']), original: id(v['original']) }),
    examples: ['clawback --from 3 --to 1 --amount 100 --original 01a3185c7ee073b591e28b2e72ebf045'],
  }),
  act({
    command: 'gift',
    summary: 'give points to another member, where the policy of the unit allows it',
    kind: 'transfer',
    by: FROM_OWNER,
    options: {
      from: ['account', 'the giver'],
      to: ['account', 'the receiver'],
      amount: ['points', 'how many'],
      'matures?': ['number', 'hour in which the lot matured, since 1970; 0 for none'],
      'expires?': ['number', 'hour in which the lot expires, since 1970; 0 for never'],
    },
    fields: v => ({
      debit: n(v['from']),
      credit: n(v['to']),
      amount: n(v['amount']),
      matures: n(v['matures']),
      expires: n(v['expires']),
    }),
    examples: ['gift --from 3 --to 4 --amount 5'],
  }),
  act({
    command: 'convert',
    summary: "turn points of one unit into another's, at a published rate",
    kind: 'convert',
    by: FROM_OWNER,
    options: {
      from: ['account', "the member's account that pays"],
      treasury: ['account', 'the treasury of its unit'],
      amount: ['points', 'how many'],
      rate: ['record', 'record of the rate'],
      budget: ['account', 'the budget that the rate names'],
      account: ['account', 'the account of the same owner that gains'],
      gained: ['points', 'how many of the other unit'],
      'expires?': ['number', 'hour in which they expire, as the rate has it'],
    },
    fields: v => ({
      debit: n(v['from']),
      credit: n(v['treasury']),
      amount: n(v['amount']),
      rate: n(v['rate']),
      budget: n(v['budget']),
      account: n(v['account']),
      gained: n(v['gained']),
      expires: n(v['expires']),
    }),
    examples: ['convert --from 3 --treasury 0 --amount 100 --rate 12 --budget 7 --account 8 --gained 1'],
  }),
  act({
    command: 'settle',
    summary: 'settle with a merchant: the points go back to the treasury, the money goes another way',
    kind: 'settle',
    by: 'treasurer',
    options: {
      from: ['account', "the merchant's account"],
      to: ['account', 'the treasury'],
      amount: ['points', 'how many'],
    },
    fields: v => ({ debit: n(v['from']), credit: n(v['to']), amount: n(v['amount']) }),
    examples: ['settle --from 5 --to 0 --amount 1200'],
  }),
  act({
    command: 'budget open',
    summary: 'open a budget, a merchant account, or an account for expired points',
    kind: 'open-account',
    by: 'treasurer',
    options: {
      unit: ['record', 'record of the unit'],
      'kind?': ['kind', 'budget, merchant, expired or treasury; budget by default'],
    },
    fields: v => ({
      accountKind: (v['kind'] ?? 'budget') as AccountKind,
      unit: n(v['unit']),
      nonce: crypto.getRandomValues(new Uint8Array(32)),
    }),
    examples: ['budget open --unit 6', 'budget open --unit 6 --kind merchant'],
  }),
  act({
    command: 'budget fund',
    summary: 'move points from the treasury into a budget',
    kind: 'fund',
    by: 'treasurer',
    options: { from: ['account', 'the treasury'], to: ['account', 'the budget'], amount: ['points', 'how many'] },
    fields: v => ({ debit: n(v['from']), credit: n(v['to']), amount: n(v['amount']) }),
    examples: ['budget fund --from 0 --to 1 --amount 1000000'],
  }),
  act({
    command: 'budget terms',
    summary: 'say from when until when a budget gives, and how much to one member',
    kind: 'set-budget',
    by: 'treasurer',
    options: {
      account: ['account', 'the budget'],
      'from?': ['number', 'first millisecond since 1970; 0 for at once'],
      'until?': ['number', 'millisecond since 1970 from which on it gives nothing; 0 for no end'],
      'member-day?': ['points', 'the most for one member on one day (UTC)'],
      'member-total?': ['points', 'the most for one member ever'],
    },
    fields: v => ({
      account: n(v['account']),
      from: n(v['from']),
      until: n(v['until']),
      memberDay: n(v['memberDay']),
      memberTotal: n(v['memberTotal']),
    }),
    examples: ['budget terms --account 1 --member-day 500 --member-total 20000'],
  }),
  act({
    command: 'key register',
    summary: 'register a key with a role and a scope',
    kind: 'register-key',
    by: 'root',
    options: {
      public: ['hash', 'the public key, hex'],
      role: ['role', 'root, registrar, treasurer, issuer, merchant, custodian, operator or auditor'],
      'scope?': ['scope', 'accounts it may use, such as 1,7: budgets of an issuer, treasuries and shops of a merchant'],
      'backdate?': ['span', 'how far back it may name times, for imports'],
    },
    fields: v => ({
      key: hash(v['public']),
      role: String(v['role']) as Role,
      scope: (v['scope'] ?? []) as readonly number[],
      backdateMs: n(v['backdate']),
    }),
    examples: ['key register --public 9f6d…7ece24 --role issuer --scope 1'],
  }),
  act({
    command: 'key revoke',
    summary: 'revoke a key, a rule or a rate: what was signed before stands',
    kind: 'revoke',
    by: 'root',
    options: {
      record: ['record', 'its record'],
      'reason?': ['number', '0 unspecified, 1 lost, 2 compromised, 3 superseded'],
    },
    fields: v => ({ record: n(v['record']), reason: n(v['reason']) }),
    examples: ['key revoke --record 9 --reason 2'],
  }),
  act({
    command: 'unit define',
    summary: 'define a unit and its policy, which never changes',
    kind: 'define-unit',
    by: 'root',
    options: {
      name: ['name', 'small letters, digits and -'],
      cap: ['points', 'how far below zero its treasury may go'],
      'step?': ['points', 'every amount is a multiple of it; 1 by default'],
      'gift-each?': ['points', 'the most that one gift may be; none by default'],
      'gift-day?': ['points', 'the most that a member may give on a day'],
      'debt-max?': ['points', 'how far below zero a clawback may take a member'],
      'custody?': ['number', '1 where accounts may have a custodian'],
      'window?': ['span', 'how long a movement can be reversed, such as 180d'],
    },
    fields: v => ({
      name: String(v['name']),
      cap: n(v['cap']),
      step: v['step'] === undefined ? 1 : n(v['step']),
      giftEach: n(v['giftEach']),
      giftDay: n(v['giftDay']),
      debtMax: n(v['debtMax']),
      custody: n(v['custody']),
      windowMs: n(v['window']),
    }),
    examples: ['unit define --name energy --cap 1000000 --gift-each 50 --gift-day 100 --window 30d'],
  }),
  act({
    command: 'rule publish',
    summary: 'publish a rule by which points are earned, by the SHA-256 of its text',
    kind: 'publish-rule',
    by: 'root',
    options: { name: ['name', 'small letters, digits and -'], digest: ['hash', 'SHA-256 of the text, hex'] },
    fields: v => ({ name: String(v['name']), digest: hash(v['digest']) }),
    examples: ['rule publish --name welcome --digest 960cafea…37'],
  }),
  act({
    command: 'rate publish',
    summary: 'publish a rate at which points of one unit become points of another',
    kind: 'publish-rate',
    by: 'root',
    options: {
      name: ['name', 'small letters, digits and -'],
      unit: ['record', 'the unit that is given'],
      budget: ['account', 'the budget of the other unit that pays'],
      give: ['points', 'so many become …'],
      get: ['points', '… so many'],
      'life?': ['number', 'hours after which they expire; 0 for never'],
    },
    fields: v => ({
      name: String(v['name']),
      unit: n(v['unit']),
      budget: n(v['budget']),
      give: n(v['give']),
      get: n(v['get']),
      life: n(v['life']),
    }),
    examples: ['rate publish --name tree --unit 6 --budget 7 --give 100 --get 1'],
  }),
  ...(['freeze', 'unfreeze'] as const).map(kind =>
    act({
      command: `account ${kind}`,
      summary: kind === 'freeze' ? 'stop an account from spending' : 'let an account spend again',
      kind,
      by: 'registrar',
      options: ACCOUNT,
      fields: v => ({ account: n(v['account']) }),
      examples: [`account ${kind} --account 3`],
    }),
  ),
  act({
    command: 'account close',
    summary: 'close an account, at a balance of zero and without holds',
    kind: 'close',
    by: 'registrar',
    options: ACCOUNT,
    fields: v => ({ account: n(v['account']) }),
    examples: ['account close --account 3'],
  }),
  act({
    command: 'account rotate',
    summary: 'put an account under another owner key; the old key signs',
    kind: 'rotate-owner',
    by: OF_ACCOUNT,
    options: { ...ACCOUNT, public: ['hash', 'the new public key, hex'] },
    fields: v => ({ account: n(v['account']), key: hash(v['public']) }),
    examples: ['account rotate --account 3 --public 5d19…3fec --key data/members/3.key.json'],
  }),
  act({
    command: 'account veto',
    summary: 'stop a recovery that is under way; the owner signs',
    kind: 'veto',
    by: OF_ACCOUNT,
    options: ACCOUNT,
    fields: v => ({ account: n(v['account']) }),
    examples: ['account veto --account 3'],
  }),
  act({
    command: 'account finish-recovery',
    summary: 'put the new owner key in place, when the delay for a veto is over',
    kind: 'finish-recovery',
    by: 'registrar',
    options: ACCOUNT,
    fields: v => ({ account: n(v['account']) }),
    examples: ['account finish-recovery --account 3'],
  }),
  act({
    command: 'consent grant',
    summary: 'let details be shown to a registered key',
    kind: 'grant',
    by: OF_ACCOUNT,
    options: {
      ...ACCOUNT,
      to: ['record', 'record of the key that may see them'],
      terms: ['hash', 'commitment to scope and purpose, hex'],
      'for?': ['span', 'for how long, such as 30d; without it until it is withdrawn'],
    },
    fields: (v, nowMs) => ({
      account: n(v['account']),
      to: n(v['to']),
      until: v['for'] === undefined ? 0 : nowMs + n(v['for']),
      terms: hash(v['terms']),
    }),
    examples: ['consent grant --account 3 --to 12 --terms 960cafea…37 --for 30d'],
  }),
  act({
    command: 'consent withdraw',
    summary: 'take a consent back',
    kind: 'withdraw',
    by: OF_ACCOUNT,
    options: { ...ACCOUNT, consent: ['id', 'id of the consent, hex'] },
    fields: v => ({ account: n(v['account']), grant: id(v['consent']) }),
    examples: ['consent withdraw --account 3 --consent 01a3185c7ee073b591e28b2e72ebf045'],
  }),
]
