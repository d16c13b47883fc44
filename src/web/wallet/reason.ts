import { equalBytes, fromBase64, fromHex } from '../../core/bytes.ts'
import { commitmentOf, type SaltedText } from '../../core/entry/details.ts'
import { VerifyError } from '../../core/failure.ts'
import type { RulesEngine } from '../rules/engine.ts'
import { publishedRules, textOf } from '../rules/published.ts'
import type { Ask } from '../shell/ask.ts'
import type { LineFacts } from '../verify/verdict.ts'

/** Why a reward is what it is: computed here, from what the entry commits to and the published text of its rule. */
export interface Reason {
  /** The details, if they are no reward of a programme. */
  readonly text?: string
  readonly reward?: {
    readonly programme: string
    readonly version: number
    readonly rule: string
    /** Log index of the entry that published the text. */
    readonly published: number
    readonly eventId: string
    readonly eventMs: number
    /** What the rule gives before its caps, and what those cut. */
    readonly gives: number
    readonly cuts: readonly { readonly cap: string; readonly most: number | undefined; readonly cut: number }[]
    /** What was counted before, by the names of caps: the issuer says it. */
    readonly before: readonly { readonly name: string; readonly counted: number }[]
    readonly due: number
  }
}

/** What is loaded only for who asks why. */
export interface ReasonParts {
  readonly ask: Ask
  readonly engine: () => Promise<RulesEngine>
}

/** Where the details of a commitment (hex) come from: untrusted. */
export type DetailsSource = (commitment: string) => Promise<SaltedText>

/**
 * Computes the reward of a verified line again.
 *
 * @param behind - untrusted: the details of the line, as the shop shows them.
 * @throws VerifyError `details` where it does not, `rule-unknown` where the ledger did not publish the rule that the
 * line names, `reward` where text and details do not give what the line says; what `ask` throws.
 */
export async function reasonOf(line: LineFacts, behind: SaltedText, { ask, engine }: ReasonParts): Promise<Reason> {
  const { text } = behind
  if (line.details === undefined || !equalBytes(commitmentOf(behind), fromHex(line.details)))
    throw new VerifyError('details', 'this is not what the entry commits to')
  if (line.rule === undefined) return { text }
  const rule = (await publishedRules(ask))?.rules.find(({ record }) => record === line.rule)
  const document = rule && (await textOf(rule, ask))
  if (rule === undefined || document === undefined)
    throw new VerifyError('rule-unknown', 'the ledger shows no text of the rule that the entry names')
  const { programmeOf, rewardOf } = await engine()
  const programme = programmeOf(document)
  if (programme === undefined) return { text }
  const { timeMs, ...reward } = rewardOf(programme, text)
  if (reward.due !== line.amount)
    throw new VerifyError('reward', `the rule gives ${reward.due}, and the entry is of ${line.amount}`)
  return {
    reward: {
      ...reward,
      programme: programme.name,
      version: programme.version,
      published: rule.from,
      eventMs: timeMs,
    },
  }
}

/** What the gateway answers of details. @param bytes - untrusted. @throws VerifyError `details`. */
export function detailsIn(bytes: Uint8Array): SaltedText {
  try {
    const { salt, text } = JSON.parse(new TextDecoder().decode(bytes)) as { salt: unknown; text: unknown }
    if (typeof salt === 'string' && typeof text === 'string') return { salt: fromBase64(salt), text }
  } catch {
    // Said below.
  }
  throw new VerifyError('details', 'what was answered is no details')
}
