/** The languages of the pages. Every table of words has all of them, and the compiler holds that. */
export type Language = 'en' | 'zh'

/** One table of words in each language. */
export type Both<T> = Readonly<Record<Language, T>>
