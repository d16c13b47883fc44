import { askHere } from '../shell/ask.ts'
import type { Programme, RulesEngine } from './engine.ts'
import { type PublishedRule, type PublishedRules, publishedRules, textOf } from './published.ts'

/** A published rule with its text, and the programme that it is. */
export interface ReadRule {
  readonly published: PublishedRule
  readonly text: Uint8Array | undefined
  readonly programme: Programme | undefined
}

/** The engine, and all rules of the ledger, the oldest first. */
export interface AllRules extends PublishedRules {
  readonly engine: RulesEngine
  readonly read: readonly ReadRule[]
}

/** All rules, or why they cannot be shown. */
export type FoundRules = AllRules | { readonly code: string; readonly message: string } | 'silent' | 'nothing'

/** Reads and checks all rules of the ledger that the page came from. */
export async function readRules(): Promise<FoundRules> {
  try {
    // What computes rewards is half of the page: it comes beside the list.
    const [{ ENGINE: engine }, published] = await Promise.all([import('./engine.ts'), publishedRules(askHere)])
    if (published === undefined) return 'nothing'
    const read = await Promise.all(
      published.rules.map(async (one): Promise<ReadRule> => {
        const text = await textOf(one, askHere)
        return { published: one, text, programme: text && engine.programmeOf(text) }
      }),
    )
    return { ...published, engine, read }
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
