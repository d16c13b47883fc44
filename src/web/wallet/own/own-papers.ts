import type { ListedRecord } from '../../../client/registry.ts'
import { toHex, utf8Encode } from '../../../core/bytes.ts'
import { engine } from '../../../core/crypto/engine.ts'
import { CodedError } from '../../../core/failure.ts'
import { ED25519_KEY, parseNote, verifierKey, verifyNote } from '../../../core/note/note.ts'
import type { ComplaintReply, Paper } from './messages.ts'
import { OwnError, type OwnWallet } from './own-wallet.ts'

/** Hands a file in at the shop: its answer, signed, or the code of why there is none. */
const COMPLAINTS = '/v1/complaints'

/** What the ledger signed for her: kept here, handed in where she wants, and what is answered to that. */
export class OwnPapers {
  readonly #wallet: OwnWallet

  constructor(wallet: OwnWallet) {
    this.#wallet = wallet
  }

  /** All of the account, the latest first. */
  async all(): Promise<Paper[]> {
    const { account } = this.#wallet.opened
    const all = await this.#wallet.device.all<Paper>('papers')
    const mine = all.flatMap(([, paper]) => (paper.account === account ? [paper] : []))
    return mine.sort((a, b) => b.atMs - a.atMs)
  }

  async #paper(name: string): Promise<Paper> {
    const found = await this.#wallet.device.get<Paper>('papers', name)
    if (found === undefined) throw new OwnError('paper-unknown', 'there is no such paper')
    return found
  }

  /** Hands a paper in, and keeps what the shop signs of that. @throws OwnError with the shop's code. */
  async complain(name: string, words: string): Promise<Paper> {
    const paper = await this.#paper(name)
    const about = words.trim().slice(0, 500)
    const query = about === '' ? '' : `?about=${encodeURIComponent(about)}`
    return this.#answered(paper, `${COMPLAINTS}${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: paper.bytes.slice(),
    })
  }

  /** Asks what became of it. */
  async asked(name: string): Promise<Paper> {
    const paper = await this.#paper(name)
    return this.#answered(paper, `${COMPLAINTS}/${encodeURIComponent(paper.complaint?.id ?? '')}`, {})
  }

  async #answered(paper: Paper, path: string, request: RequestInit): Promise<Paper> {
    const answer = await fetch(path, { cache: 'no-store', ...request }).catch(() => undefined)
    if (answer === undefined) throw new OwnError('unreachable', 'the shop does not answer')
    const value = ((await answer.json().catch(() => undefined)) ?? {}) as Record<string, unknown>
    if (!answer.ok) {
      const { code, detail } = value
      throw new OwnError(
        typeof code === 'string' ? code : 'http',
        typeof detail === 'string' ? detail : String(answer.status),
      )
    }
    const reply = replyIn(value)
    const isProven = await this.#isProven(paper, reply)
    const answered = { ...paper, complaint: { ...reply, isProven } }
    await this.#wallet.device.put('papers', paper.name, answered)
    return answered
  }

  /** Whether the notes are signed by a merchant's key of the registry, and say what was handed in. */
  async #isProven(paper: Paper, { receipt, answer, at, deadline }: Omit<ComplaintReply, 'isProven'>): Promise<boolean> {
    try {
      const records = await this.#wallet.opened.client.registry({ isUncosigned: true })
      const digest = toHex(engine().sha256(paper.bytes))
      const said = textSigned(receipt, records)
      const isOfThis =
        said[0] === 'tallystick/complaint/v1' && said[2] === digest && said[4] === at && said[5] === deadline
      const answered = answer === undefined ? undefined : textSigned(answer.note, records)
      return isOfThis && (answered === undefined || answered[2] === digest)
    } catch (error) {
      if (error instanceof CodedError) return false
      throw error
    }
  }
}

/** The lines of a signed note, where a merchant's key that the registry has signed it; none otherwise. */
function textSigned(note: string, records: readonly ListedRecord[]): string[] {
  const parsed = parseNote(utf8Encode(note))
  const keys = parsed.signatures.flatMap(({ name }) => {
    const number = /\/record\/(\d+)$/.exec(name)?.[1]
    const transaction = number === undefined ? undefined : records[Number(number)]?.transaction
    const isMerchant = transaction?.kind === 'register-key' && transaction.role === 'merchant'
    return isMerchant ? [verifierKey(name, ED25519_KEY, transaction.key)] : []
  })
  return verifyNote(parsed, keys).length > 0 ? parsed.text.split('\n') : []
}

/** What was answered. @throws OwnError `answer` where it has not the form of an answer. */
function replyIn({ id, at, deadline, receipt, answer }: Record<string, unknown>): Omit<ComplaintReply, 'isProven'> {
  const isForm = [id, at, deadline, receipt].every(one => typeof one === 'string')
  if (!isForm) throw new OwnError('answer', 'the shop does not answer as a shop does')
  const said = answer as { text?: unknown; upheld?: unknown; note?: unknown } | null | undefined
  const isAnswered = typeof said?.text === 'string' && typeof said.note === 'string'
  return {
    ...{ id: id as string, at: at as string, deadline: deadline as string, receipt: receipt as string },
    ...(isAnswered
      ? { answer: { text: said.text as string, upheld: said.upheld === true, note: said.note as string } }
      : {}),
  }
}
