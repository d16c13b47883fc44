import { type ComponentChildren, type ComponentType, render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type Language, readyWords } from './both.ts'
import { BrandIcon, ThemeIcon } from './icons.tsx'
import { firstLanguage, LanguageContext, tagOf, useLanguage, useWords } from './language.ts'
import { remember } from './memory.ts'
import { keepForOffline } from './offline.ts'
import { firstTheme, showTheme, themeNow } from './theme.ts'
import { SHELL } from './words.ts'
import './tokens.css'
import './parts.css'

/** The pages that the shell leads to, and where they are. */
const PLACES = { transparency: '/', verify: '/verify', rules: '/rules', tamper: '/tamper' } as const
type PageName = keyof typeof PLACES

export interface PageProps {
  /** Which page it is; none of those that the shell leads to, for a page that stands alone. */
  readonly place?: PageName
  /** Of the window. */
  readonly title: string
  /** Beside the sign, and below it in small: who it is about. */
  readonly brand?: string
  readonly brandMore: string
  /** Where trust starts: whose policy, who served the page. */
  readonly trust: ComponentChildren
  /** Whether it was loaded alone, from a disk or another's site: then it leads nowhere. */
  readonly isAlone?: boolean
  readonly children: ComponentChildren
}

/** What every page has: top, foot, language and theme. */
export function Page({ place, title, brand = 'Tallystick', brandMore, trust, isAlone = false, children }: PageProps) {
  const words = useWords(SHELL)
  useEffect(() => {
    document.title = `${title} · Tallystick`
  }, [title])
  const links = isAlone
    ? undefined
    : (Object.keys(PLACES) as PageName[]).map(name => (
        <a key={name} href={PLACES[name]} aria-current={name === place ? 'page' : undefined}>
          {words.names[name]}
        </a>
      ))
  return (
    <>
      <a class="skip" href="#main">
        {words.skip}
      </a>
      <header class="top">
        <Brand isAlone={isAlone}>
          <BrandIcon />
          <span>
            {brand}
            <small>{brandMore}</small>
          </span>
        </Brand>
        {links && <nav aria-label={words.pages}>{links}</nav>}
        <Settings />
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <div>
          <p class="prose">
            <b>{words.trustStarts}</b> {trust}
          </p>
          {links && <nav aria-label={words.elsewhere}>{links}</nav>}
        </div>
      </footer>
    </>
  )
}

function Brand({ isAlone, children }: { isAlone: boolean; children: ComponentChildren }) {
  if (isAlone) return <span class="brand">{children}</span>
  return (
    <a class="brand" href="/">
      {children}
    </a>
  )
}

/** Set by `show`: chooses the language of the page. */
let choose: (language: Language) => void = () => {}

function Settings() {
  const words = useWords(SHELL)
  const language = useLanguage()
  const [theme, setTheme] = useState(themeNow)
  const otherTheme = theme === 'dark' ? 'light' : 'dark'
  const other = language === 'zh' ? 'en' : 'zh'
  return (
    <div class="set">
      <button type="button" lang={tagOf(other)} onClick={() => choose(other)}>
        {words.otherLanguage}
      </button>
      <button
        type="button"
        aria-label={words.theme[otherTheme]}
        title={words.theme[otherTheme]}
        onClick={() => {
          showTheme(otherTheme)
          setTheme(otherTheme)
        }}
      >
        <ThemeIcon />
      </button>
    </div>
  )
}

function Root({ of: Content }: { of: ComponentType }) {
  const [language, setLanguage] = useState(firstLanguage)
  choose = chosen => {
    remember('language', chosen)
    void readyWords(chosen)
      .catch(() => {})
      .then(() => setLanguage(chosen))
  }
  document.documentElement.lang = tagOf(language)
  return (
    <LanguageContext.Provider value={language}>
      <Content />
    </LanguageContext.Provider>
  )
}

/** Shows a page in the document: once, when its script is run. */
export function show(content: ComponentType): void {
  firstTheme()
  keepForOffline()
  void readyWords(firstLanguage())
    .catch(() => {})
    .then(() => {
      const place = document.getElementById('page') ?? document.body
      place.replaceChildren()
      render(<Root of={content} />, place)
    })
}
