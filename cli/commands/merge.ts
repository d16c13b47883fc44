import type { Command } from 'commander'
import { wholeOf } from '../../src/account/index.ts'
import { makeTransaction } from '../../src/client/index.ts'
import type { TransactionOf } from '../../src/core/entry/transaction.ts'
import { UsageError } from '../../src/node/failure.ts'
import type { VerifiedStatement } from '../../src/verify/verified-statement.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { custodianOption, type Remote, wholeNumber } from '../input/options.ts'
import { type SendOptions, sends } from '../input/sending.ts'
import { Session } from '../input/session.ts'
import { commandAt, sendAndSay } from './act-commands.ts'

interface Merging extends Remote, SendOptions {
  readonly undo?: boolean
  readonly amount?: number
  readonly with?: readonly string[]
}

/** `tally account merge`: two accounts of one person become one, and two again. */
export function mergeCommand(program: Command): void {
  const command = commandAt(
    program,
    'account merge <from> <into>',
    'make two accounts of one person one: all of the first moves, with its dates, and it takes nothing more',
    [
      'account merge 3 8',
      'account merge 3 8 --with anna.key.json --with phone.key.json --dry-run',
      'account merge 3 8 --undo --custodian custodian.key.json',
    ],
  )
  sends(command)
    .addOption(custodianOption())
    .option('--undo', 'undo the last merge of these two: the points go back, as far as they are still there')
    .option('--amount <points>', 'how many go back, with --undo; all by default', wholeNumber)
    .option(
      '--with <file>',
      'the key of an owner, who signs besides; for each one more; by default those that `account open` wrote',
      (file, before: string[] = []) => [...before, file],
    )
    .action((from: string, into: string, options: Merging) =>
      mergeAccounts(wholeNumber(from), wholeNumber(into), options),
    )
}

async function mergeAccounts(from: number, into: number, options: Merging): Promise<void> {
  const { with: files = [] } = options
  const session = await Session.open(options)
  const registrar = await session.key('registrar')
  const { custodian } = session.remote
  const besides = [...files, ...(custodian === undefined ? [] : [custodian])]
  const holders =
    besides.length > 0
      ? besides.map(file => session.keyIn(file))
      : [from, into].map(account => session.ownerKey(account))
  const keys = [registrar, ...(await Promise.all(holders))]
  await sendAndSay(session, options, keys, async id => {
    const bytes = await session.client.as(registrar).statement(from)
    const shown = verifyStatement(bytes, { policy: session.policy })
    return options.undo ? undoing(id, shown, from, into, options.amount) : merging(id, shown, from, into)
  })
}

function merging(id: Uint8Array, { member }: VerifiedStatement, debit: number, credit: number): TransactionOf<'merge'> {
  const parts = wholeOf(member.holdings, member.balance)
  const amount = parts.reduce((sum, part) => sum + part.amount, 0)
  return makeTransaction('merge', { id, debit, credit, amount, parts })
}

/** The reversal of the last merge of `from` into `into`. @throws UsageError `account` where there is none. */
function undoing(
  id: Uint8Array,
  { lines }: VerifiedStatement,
  from: number,
  into: number,
  amount?: number,
): TransactionOf<'reverse'> {
  const merge = lines
    .map(({ transaction }) => transaction)
    .findLast(tx => tx.kind === 'merge' && tx.debit === from && tx.credit === into)
  if (merge?.kind !== 'merge')
    throw new UsageError('account', `account ${from} was never merged into account ${into}: nothing is to be undone`)
  const { id: original } = merge
  return makeTransaction('reverse', {
    ...{ id, debit: into, credit: from },
    ...{ amount: amount ?? merge.amount, original },
  })
}
