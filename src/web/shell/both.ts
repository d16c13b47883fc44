/** The languages of the pages. Every table of words has all of them, and the compiler holds that. */
export type Language = 'en' | 'zh'

/** One table of words in each language. */
export type Both<T> = Readonly<Record<Language, T>>

/** Loads Chinese that is not there yet. */
const LATER = new Set<() => Promise<void>>()

/**
 * A table of words: English is at hand, and Chinese once `readyWords` has loaded it, for those who read it. Until then,
 * and where it cannot be had, English stands in its place.
 */
export function inBoth<T>(en: T, chinese: () => Promise<T>): Both<T> {
  const both = { en, zh: en }
  const load = async () => {
    both.zh = await chinese()
    LATER.delete(load)
  }
  LATER.add(load)
  return both
}

/** Has the words of all parts that are loaded at hand, in a language. Rejects where they cannot be had. */
export async function readyWords(language: Language): Promise<void> {
  if (language === 'zh') await Promise.all([...LATER].map(load => load()))
}
