import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { type Language, readyWords } from './both.ts'
import { firstLanguage, useLanguage, useWords } from './language.ts'
import { SHELL } from './words.ts'

/**
 * A part of a page that is loaded, with its words, when it is shown for the first time.
 *
 * @param isSoon - whether it is loaded as soon as the page is there, so that it can be shown without a network.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>, isSoon = false): ComponentType<P> {
  let loaded: ComponentType<P> | undefined
  const loadWith = async (language: Language) => {
    const found = await load()
    await readyWords(language).catch(() => {})
    loaded = found
    return found
  }
  const soon = () => void loadWith(firstLanguage()).catch(() => {})
  if (isSoon && typeof document !== 'undefined') {
    if (document.readyState === 'complete') soon()
    else addEventListener('load', soon)
  }
  return function Later(props: P) {
    const language = useLanguage()
    const words = useWords(SHELL)
    const [Part, setPart] = useState(() => loaded)
    const [hasFailed, setFailed] = useState(false)
    const fetchPart = async () => {
      setFailed(false)
      try {
        const found = await loadWith(language)
        setPart(() => found)
      } catch {
        setFailed(true)
      }
    }
    useEffect(() => {
      if (Part === undefined) void fetchPart()
    }, [])
    if (hasFailed)
      return (
        <p role="alert">
          {words.partMissing}{' '}
          <button type="button" class="link" onClick={() => void fetchPart()}>
            {words.tryAgain}
          </button>
        </p>
      )
    return Part === undefined ? null : <Part {...props} />
  }
}
