import { CodedError } from '../core/failure.ts'
import type { Policy } from '../core/note/policy.ts'
import type { CheckpointKeeper } from '../files/accepted-checkpoint.ts'
import { type EvidenceFile, evidenceJson } from '../verify/evidence/evidence-file.ts'
import { evidenceOf } from '../verify/evidence/make-evidence.ts'
import type { Trouble } from './watcher.ts'

/** How long a webhook may take to answer. */
const WEBHOOK_TIMEOUT_MS = 10_000
/** Reports that wait for a webhook that does not answer; the oldest are dropped, and stay in the state directory. */
const WAITING_MAX = 1000

export interface AlarmOptions {
  readonly origin: string
  readonly url: string
  readonly policy: Policy
  readonly webhook?: string
  readonly memory?: CheckpointKeeper
  /** Is told why the webhook could not be told. It is tried again at the next look. */
  readonly onUndelivered?: (why: string) => void
}

/** What is news in the troubles of a look. */
export interface News {
  /** What was not there before, each with the file that shows it to others, if one is kept. */
  readonly begun: readonly { readonly trouble: Trouble; readonly path: string | undefined }[]
  /** What has gone. */
  readonly ended: readonly Trouble[]
}

/** Tells of trouble, in the state directory and to a webhook: each trouble once, until it has gone. */
export class Alarm {
  readonly #options: AlarmOptions
  #present = new Map<string, Trouble>()
  readonly #waiting: EvidenceFile[] = []

  constructor(options: AlarmOptions) {
    this.#options = options
  }

  /** Takes the troubles of a look at the log. Those of the look before that are not among them have gone. */
  async looked(troubles: readonly Trouble[], nowMs: number): Promise<News> {
    const before = this.#present
    this.#present = new Map(troubles.map(trouble => [`${trouble.code} ${trouble.subject}`, trouble]))
    const ended = [...before].filter(([key]) => !this.#present.has(key)).map(([, trouble]) => trouble)
    const begun: { trouble: Trouble; path: string | undefined }[] = []
    for (const [key, trouble] of this.#present)
      if (!before.has(key)) begun.push({ trouble, path: await this.#tell(trouble, nowMs) })
    await this.#send()
    return { begun, ended }
  }

  /** Takes the troubles of a look that got no answer: it says nothing of those that there were before. */
  async waited(troubles: readonly Trouble[], nowMs: number): Promise<News> {
    const known = [...this.#present.values()].filter(({ code }) => !troubles.some(trouble => trouble.code === code))
    return this.looked([...known, ...troubles], nowMs)
  }

  /** Keeps what shows a trouble, and tells nobody: the file's name, where one is kept. */
  async keep(trouble: Trouble, nowMs: number): Promise<string | undefined> {
    return this.#options.memory?.keepTrouble(this.#report(trouble, nowMs))
  }

  /** Keeps what shows a trouble, and has the webhook told. */
  async #tell(trouble: Trouble, nowMs: number): Promise<string | undefined> {
    const { webhook, memory } = this.#options
    const report = this.#report(trouble, nowMs)
    if (webhook !== undefined) this.#waiting.push(report)
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift()
    return memory?.keepTrouble(report)
  }

  #report({ code, message, evidence = {} }: Trouble, nowMs: number): EvidenceFile {
    const { origin, url, policy } = this.#options
    return evidenceOf({ origin, url, time: new Date(nowMs).toISOString(), code, message, evidence }, policy)
  }

  /** Sends what waits, in order; what fails is sent at the next look. */
  async #send(): Promise<void> {
    while (this.#waiting.length > 0) {
      try {
        await post(this.#options.webhook!, this.#waiting[0]!)
      } catch (error) {
        const cause = (error as Error).cause
        const why = cause instanceof Error ? cause.message : (error as Error).message
        this.#options.onUndelivered?.(why)
        return
      }
      this.#waiting.shift()
    }
  }
}

/** A webhook answers with an error: that is told, and it is tried again. */
class WebhookError extends CodedError {
  override readonly name = 'WebhookError'
}

async function post(webhook: string, report: EvidenceFile): Promise<void> {
  const response = await fetch(webhook, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(evidenceJson(report)),
    redirect: 'error',
    signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
  })
  await response.body?.cancel()
  if (!response.ok) throw new WebhookError('webhook-answer', `it answered ${response.status}`)
}
