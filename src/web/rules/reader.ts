import { parseProgramme } from '../../programmes/document/parse.ts'
import type { Programme } from '../../programmes/document/programme.ts'
import type { RecordType } from '../../programmes/expression/tree.ts'
import { PointerError } from '../../programmes/failure.ts'
import { type Difference, difference } from '../../programmes/review/diff.ts'
import { explain } from '../../programmes/review/explain.ts'
import type { Language } from '../shell/both.ts'

export type { Programme, RecordType }

/** What the text of a rule says, where it is a programme; undefined where it is another text. */
export function programmeOf(text: Uint8Array): Programme | undefined {
  try {
    return parseProgramme(text)
  } catch (error) {
    if (error instanceof PointerError) return undefined
    throw error
  }
}

/** A programme in plain words, by paragraphs. */
export function wordsOf(programme: Programme, language: Language): string[][] {
  return explain(programme, language)
}

/** What changed from one version to another. */
export function changesOf(before: Programme, after: Programme): Difference[] {
  return difference(before.value, after.value).filter(({ pointer }) => pointer !== '/version')
}

/** Events that can be tried here: those that no meter has to sign. */
export function eventsOf(programme: Programme): { readonly name: string; readonly record: RecordType }[] {
  return [...programme.events.values()]
    .filter(({ meter, rules }) => meter === undefined && rules.length > 0)
    .map(({ name, record }) => ({ name, record }))
}
