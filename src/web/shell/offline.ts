/**
 * Has the browser keep what is loaded of these pages, so that they open again without a network. Where a browser has no
 * such means, or the page stands alone, nothing is kept.
 */
export function keepForOffline(): void {
  const isServed = document.querySelector('link[rel=manifest]') !== null
  if (!isServed || !('serviceWorker' in navigator)) return
  const start = async () => {
    await navigator.serviceWorker.register('/offline.js')
    const { active } = await navigator.serviceWorker.ready
    active?.postMessage([location.pathname, '/assets/icon.svg', ...loaded()])
  }
  addEventListener('load', () => void start().catch(() => {}))
}

/** Paths that this page has loaded from its server. */
function loaded(): string[] {
  return performance.getEntriesByType('resource').flatMap(({ name }) => {
    const { origin, pathname } = new URL(name)
    return origin === location.origin && pathname.startsWith('/assets/') ? [pathname] : []
  })
}
