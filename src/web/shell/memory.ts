/** What this browser remembers of a visit: nothing where it may keep nothing, such as in a page from disk. */
export function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(`tallystick.${name}`) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps a word for the next visit, or forgets it. @param value - undefined to forget. */
export function remember(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(`tallystick.${name}`)
    else localStorage.setItem(`tallystick.${name}`, value)
  } catch {
    // A browser that keeps nothing shows the same page.
  }
}
