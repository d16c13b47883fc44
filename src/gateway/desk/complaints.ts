import { randomBytes } from 'node:crypto'
import type { TallyClient } from '../../client/index.ts'
import { fromBase64, toBase64, toHex, utf8Encode } from '../../core/bytes.ts'
import { engine } from '../../core/crypto/engine.ts'
import type { Shop } from '../../files/shop-file.ts'
import { signedText } from '../books/signed-text.ts'
import { conflict, GatewayError, missing } from '../failure.ts'
import type { Memory } from '../memory.ts'
import { type CheckedFile, checkFile } from './check-file.ts'

/** Bytes of a file that is handed in. */
export const COMPLAINT_BYTES_MAX = 1024 * 1024
/** Complaints that are kept; answered ones make room for others, the oldest first. */
const KEPT_MAX = 10_000
/** Complaints of one account or signer that wait for an answer. */
const OPEN_EACH = 10
/** In how many days a complaint is answered. */
const DAYS = 30
const DAY_MS = 86_400_000

/** What became of a complaint. */
interface ComplaintAnswer {
  readonly at: string
  /** Name of the key of the API that answered. */
  readonly by: string
  readonly text: string
  /** Whether the shop says that the member is right. */
  readonly isUpheld: boolean
  /** A signed note over it. */
  readonly note: string
}

/** A file that a member handed in. */
export interface Complaint extends Pick<CheckedFile, 'kind' | 'says'> {
  readonly id: string
  /** SHA-256 of the file, hex. */
  readonly digest: string
  readonly bytes: number
  /** When it came, and by when it is answered: RFC 3339. */
  readonly at: string
  readonly deadline: string
  /** In the member's words; and where she wants the answer. */
  readonly about?: string
  readonly contact?: string
  /** A signed note: the file, and the deadline. */
  readonly receipt: string
  readonly answer?: ComplaintAnswer
}

/** With the file; what it is about, hashed; and to whom something is owed. */
type StoredComplaint = Complaint & { readonly file: string; readonly matter: string; readonly party: string | null }

export interface ComplaintsOptions {
  readonly memory: Memory
  readonly shop: Pick<Shop, 'keys' | 'policy'>
  readonly client: TallyClient
  readonly nowMs: () => number
}

/** What members handed in against the operator or the shop: each checked, kept, receipted and answered in time. */
export class Complaints {
  readonly #options: ComplaintsOptions
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: ComplaintsOptions) {
    this.#options = options
  }

  /**
   * Keeps a file that convicts, or by which something is owed; what proves the same is kept once, whatever its bytes.
   *
   * @param file - untrusted, at most `COMPLAINT_BYTES_MAX` bytes.
   * @throws GatewayError `complaint-file`, `complaint-false`, `complaint-unowed`, `complaints-open`, `complaints-full`;
   *   ClientError.
   */
  async handIn(
    file: Uint8Array,
    words: { readonly about?: string | undefined; readonly contact?: string | undefined },
  ): Promise<{ complaint: Complaint; isNew: boolean }> {
    const { shop, client, nowMs } = this.#options
    const checked = await checkFile(file, { policy: shop.policy, client, nowMs })
    // One after another, so that one file handed in twice at a time is one complaint.
    const next = this.#running.then(() => this.#keep(file, checked, words))
    this.#running = next.catch(() => {})
    return next
  }

  async #keep(
    file: Uint8Array,
    { kind, says, subject, party: owed }: CheckedFile,
    { about, contact }: { readonly about?: string | undefined; readonly contact?: string | undefined },
  ): Promise<{ complaint: Complaint; isNew: boolean }> {
    const { memory, nowMs, shop } = this.#options
    const digest = toHex(engine().sha256(file))
    const party = owed ?? null
    const matter = toHex(engine().sha256(utf8Encode(`${kind} ${subject}`)))
    const known = await memory.get<string>('complaintMatters', matter)
    if (known !== undefined) return { complaint: await this.get(known), isNew: false }
    await this.#makeRoom(party)
    const now = nowMs()
    const [at, deadline] = [new Date(now).toISOString(), new Date(now + DAYS * DAY_MS).toISOString()]
    const id = `cp_${randomBytes(18).toString('base64url')}`
    const receipt = signedText(shop, [
      ...['tallystick/complaint/v1', shop.policy.logs[0]!.key.name],
      ...[digest, kind, at, deadline],
    ])
    const complaint: Complaint = {
      ...{ id, kind, says, digest, bytes: file.length, at, deadline },
      ...(about === undefined ? {} : { about }),
      ...(contact === undefined ? {} : { contact }),
      receipt,
    }
    const stored: StoredComplaint = { ...complaint, file: toBase64(file), matter, party }
    await memory.write(
      [
        ['complaints', id, stored],
        ['complaintMatters', matter, id],
      ],
      { sync: true },
    )
    return { complaint, isNew: true }
  }

  /** Forgets the oldest that was answered, where there are too many. */
  async #makeRoom(party: string | null): Promise<void> {
    const { memory } = this.#options
    const all = await this.#all()
    const open = all.filter(one => one.answer === undefined && one.party === party)
    if (party !== null && open.length >= OPEN_EACH)
      throw conflict('complaints-open', `${OPEN_EACH} complaints of this ${party} wait for an answer already.`)
    if (all.length < KEPT_MAX) return
    const oldest = all.find(({ answer }) => answer !== undefined)
    if (oldest === undefined)
      throw new GatewayError('complaints-full', `${KEPT_MAX} complaints wait for an answer. Come again later.`, {
        ...{ status: 503, isRetryable: true },
      })
    await memory.write([
      ['complaints', oldest.id, undefined],
      ['complaintMatters', oldest.matter, undefined],
    ])
  }

  /** All of them, the oldest first. */
  async list(): Promise<Complaint[]> {
    return (await this.#all()).map(shownOf)
  }

  async #all(): Promise<StoredComplaint[]> {
    const rows = await this.#options.memory.list<StoredComplaint>('complaints')
    return rows.map(([, complaint]) => complaint).sort((a, b) => (a.at < b.at ? -1 : 1))
  }

  /** One of them. @throws GatewayError `complaint-unknown`. */
  async get(id: string): Promise<Complaint> {
    return shownOf(await this.#stored(id))
  }

  /** The file, as it was handed in. @throws GatewayError `complaint-unknown`. */
  async file(id: string): Promise<Uint8Array> {
    return fromBase64((await this.#stored(id)).file)
  }

  async #stored(id: string): Promise<StoredComplaint> {
    const found = await this.#options.memory.get<StoredComplaint>('complaints', id)
    if (found !== undefined) return found
    throw missing('complaint-unknown', 'There is no such complaint: GET /v1/complaints lists those that there are.')
  }

  /**
   * Answers one, once.
   *
   * @param by - name of the key of the API that answers.
   * @throws GatewayError `complaint-unknown`, `complaint-answered`.
   */
  async answer(id: string, by: string, text: string, isUpheld: boolean): Promise<Complaint> {
    const { memory, nowMs, shop } = this.#options
    const stored = await this.#stored(id)
    if (stored.answer !== undefined)
      throw conflict('complaint-answered', `It was answered at ${stored.answer.at}, and an answer stands.`)
    const at = new Date(nowMs()).toISOString()
    const note = signedText(shop, [
      ...['tallystick/complaint-answer/v1', shop.policy.logs[0]!.key.name, stored.digest],
      ...[at, isUpheld ? 'upheld' : 'not-upheld', toHex(engine().sha256(utf8Encode(text)))],
    ])
    const answered: StoredComplaint = { ...stored, answer: { at, by, text, isUpheld, note } }
    await memory.write([['complaints', id, answered]], { sync: true })
    return shownOf(answered)
  }
}

function shownOf({ file: _, matter: __, party: ___, ...complaint }: StoredComplaint): Complaint {
  return complaint
}
