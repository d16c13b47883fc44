import type { TallyClient } from '../client/index.ts'
import { toHex, utf8Decode } from '../core/bytes.ts'
import type { RuleFolder } from '../files/rule-folder.ts'
import { isKnownRule } from '../programmes/index.ts'

/** Texts of published rules, by the hex of their digests. */
export type RuleTexts = ReadonlyMap<string, string>

/** A rule whose text cannot be had. */
export interface MissingText {
  readonly record: number
  readonly name: string
  readonly digest: string
}

/** The texts of all rules that a ledger published, and of which there is none. */
export interface FoundTexts {
  readonly texts: RuleTexts
  readonly missing: readonly MissingText[]
}

/**
 * The texts of the rules of a ledger: of those that the auditor keeps, else as the ledger serves them now, and then
 * kept. Each is what its digest says, no matter who served it. SPEC §11.
 *
 * @param kept - the auditor's own folder of them, if there is one.
 */
export async function ruleTexts(client: TallyClient, kept: RuleFolder | undefined): Promise<FoundTexts> {
  const texts = new Map<string, string>()
  const missing: MissingText[] = []
  for (const { number: record, transaction } of await client.registry({ isUncosigned: true })) {
    if (transaction.kind !== 'publish-rule' || isKnownRule(transaction.digest)) continue
    const digest = toHex(transaction.digest)
    if (texts.has(digest)) continue
    let text = await kept?.read(digest)
    if (text === undefined) {
      text = await client.ruleText(transaction.digest)
      if (text !== undefined) await kept?.write(text)
    }
    if (text === undefined) missing.push({ record, name: transaction.name, digest })
    else texts.set(digest, utf8Decode(text))
  }
  return { texts, missing }
}
