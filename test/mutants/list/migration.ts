import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about what members bring along from an old system. */
export const MIGRATION: readonly Mutant[] = [
  ...mistakes(
    'ledger/apply/entitled.ts',
    [
      'return mayIssue(signers, tx.debit) && isBySource(context, tx.source)',
      'return mayIssue(signers, tx.debit)',
      'an issuer alone invents a migration',
    ],
    [
      'return mayIssue(signers, tx.debit) && isBySource(context, tx.source)',
      'return isBySource(context, tx.source)',
      'an old system alone takes of a budget',
    ],
    [
      "return signers.records.includes(record) && registry.key(record)?.role === 'source'",
      'return signers.records.includes(record)',
      'any key is an old system',
    ],
    [
      "return signers.records.includes(record) && registry.key(record)?.role === 'source'",
      "return hasRole(signers, 'source') && registry.key(record)?.role === 'source'",
      'one old system signs for another',
    ],
    [
      "? key.role === 'issuer' && key.scope.includes(rare.debit)",
      '? false',
      'an opening balance does not reach into the past',
    ],
  ),
  ...mistakes(
    'ledger/apply/two-party.ts',
    [
      'refs.hasOpened(unit.record, opens.source, opens.ref)',
      'false',
      'an opening balance comes twice under one reference',
    ],
    [
      '  if (opens !== undefined) refs.open(unit.record, opens.source, opens.ref, credit)\n',
      '',
      'the reference of an opening balance is forgotten',
    ],
    ["if (tx.kind === 'opening-balance') unit.opened.add(amount)\n", '', 'what came along is in no total'],
    [
      "if (tx.kind === 'opening-balance') unit.opened.add(amount)\n",
      "if (tx.kind === 'opening-balance') unit.issued.add(amount)\n",
      'what came along was issued',
    ],
  ),
  ...mistakes('ledger/refs.ts', [
    'this.#put((unit | SOURCED) >>> 0, source, ref)',
    'this.#put(unit, source, ref)',
    'a reference of a shop is one of an old system',
  ]),
  ...mistakes(
    'account/member.ts',
    [
      "credited(member, [tx], tx.kind === 'issue' ? balanceMax : 0)",
      'credited(member, [tx], balanceMax)',
      'what one had elsewhere is too much here',
    ],
    [
      "const isGiven = reversed?.kind === 'issue' || reversed?.kind === 'opening-balance'",
      "const isGiven = reversed?.kind === 'issue'",
      'what came along is never taken back',
    ],
  ),
  ...mistakes('account/entitlement.ts', [
    "of: ['issue', 'opening-balance'] }",
    "of: ['issue'] }",
    'an issuer takes back nothing that came along',
  ]),
  ...mistakes(
    'verify/authority.ts',
    [
      "if (transaction.kind === 'opening-balance') return has('issuer') && has('source')",
      "if (transaction.kind === 'opening-balance') return has('issuer')",
      'a statement does not ask for the old system',
    ],
    [
      "if (transaction.kind === 'opening-balance' && key.role === 'source' && record.number !== transaction.source)",
      "if (transaction.kind === 'opening-balance' && key.role === 'root')",
      'in a statement one old system signs for another',
    ],
  ),
]
