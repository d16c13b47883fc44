import { askHere } from '../shell/ask.ts'
import { type PublishedRule, type PublishedRules, publishedRules, textOf } from './published.ts'
import { type Programme, programmeOf } from './reader.ts'

/** A published rule with its text, and the programme that it is. */
export interface ReadRule {
  readonly published: PublishedRule
  readonly text: Uint8Array | undefined
  readonly programme: Programme | undefined
}

/** All rules of the ledger, the oldest first. */
export interface AllRules extends PublishedRules {
  readonly read: readonly ReadRule[]
}

/** Why rules cannot be shown: a check failed, or nobody answers. */
export type UnreadRules = { readonly code: string; readonly message: string } | 'silent'

/** All rules, or why they cannot be shown. */
export type FoundRules = AllRules | UnreadRules | 'nothing'

/** Reads and checks all rules of the ledger that the page came from. */
export async function readRules(): Promise<FoundRules> {
  try {
    const published = await publishedRules(askHere)
    if (published === undefined) return 'nothing'
    const read = await Promise.all(
      published.rules.map(async (one): Promise<ReadRule> => {
        const text = await textOf(one, askHere)
        return { published: one, text, programme: text && programmeOf(text) }
      }),
    )
    return { ...published, read }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return code === undefined ? 'silent' : { code, message }
  }
}

/** The rules that a path names: of each name the latest, or one of all its versions. */
export function chosenOf(read: readonly ReadRule[], name: string | undefined, version: string | undefined): ReadRule[] {
  if (name !== undefined && version !== undefined)
    return read.filter(one => nameOf(one) === name && versionOf(one, read) === Number(version)).slice(-1)
  const named = name === undefined || name === '' ? read : read.filter(one => nameOf(one) === name)
  const latest = new Map(named.map(one => [nameOf(one), one]))
  return [...latest.values()]
}

/** A programme is known by the name in its document; another text by that of its record. */
export function nameOf({ programme, published }: ReadRule): string {
  return programme?.name ?? published.name
}

/** The version in its document; of another text, which of its name it is. */
export function versionOf(rule: ReadRule, read: readonly ReadRule[]): number {
  if (rule.programme !== undefined) return rule.programme.version
  return read.filter(one => nameOf(one) === nameOf(rule)).indexOf(rule) + 1
}
