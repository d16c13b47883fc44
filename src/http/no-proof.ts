import type { NoProof } from '../log/index.ts'
import { HttpError } from '../serving/index.ts'

const NO_PROOF: Readonly<Record<NoProof | 'no-list', readonly [status: number, what: string]>> = {
  'not-published': [404, 'It is not in a checkpoint yet. Ask again after the next seal.'],
  'no-such-account': [404, 'There is no such account in the latest checkpoint.'],
  'no-statement': [409, 'There is none of an account of this kind, which an audit shows.'],
  'no-list': [409, 'Entries are listed of members and merchants only. Those of other accounts are shown by an audit.'],
  'since-beyond': [409, 'The account has fewer entries than `since` in the latest checkpoint.'],
  'since-amid-batch': [409, '`since` parts the entries of one batch. Ask since the last of them.'],
  'statement-size': [409, 'It is longer than a verifier reads. Ask for pages of it, with `lines`.'],
}

/** The problem of a proof that the latest checkpoint does not have. SPEC §12. */
export function noProof(why: keyof typeof NO_PROOF): HttpError {
  const [status, what] = NO_PROOF[why]
  return new HttpError(status, why, what)
}
