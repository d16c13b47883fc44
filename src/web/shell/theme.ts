import { recall, remember } from './memory.ts'

export type Theme = 'light' | 'dark'

/** The theme that shows now: what was chosen, or what the system asks for. */
export function themeNow(): Theme {
  const { theme } = document.documentElement.dataset
  if (theme === 'light' || theme === 'dark') return theme
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** Shows a theme. It is remembered where it is another than the system's, which is followed otherwise. */
export function showTheme(theme: Theme): void {
  const isSystem = matchMedia('(prefers-color-scheme: dark)').matches === (theme === 'dark')
  document.documentElement.dataset['theme'] = theme
  remember('theme', isSystem ? undefined : theme)
}

/** Shows what was chosen on an earlier visit, or what the address asks for. */
export function firstTheme(): void {
  const asked = new URLSearchParams(location.search).get('theme') ?? recall('theme')
  if (asked === 'light' || asked === 'dark') document.documentElement.dataset['theme'] = asked
}
