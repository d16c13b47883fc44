import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Both, Language } from './both.ts'
import { recall } from './memory.ts'

export const LanguageContext = createContext<Language>('en')

/** The words of a table in the language of the page. */
export function useWords<T>(both: Both<T>): T {
  return both[useContext(LanguageContext)]
}

/** The language of the page. */
export function useLanguage(): Language {
  return useContext(LanguageContext)
}

/** The language to begin with: that of the address, of an earlier visit, or of the browser; else English. */
export function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? recall('language')
  if (asked === 'en' || asked === 'zh') return asked
  const known = navigator.languages.find(name => /^(?:en|zh)\b/i.test(name))
  return known?.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

/** The value of the `lang` attribute. */
export function tagOf(language: Language): string {
  return language === 'zh' ? 'zh-Hans' : 'en'
}
