// Keeps what a visitor has loaded of these pages, so that they open again without a network. It keeps no answer of a
// server: no balance, no token and no policy. The build writes NAME and PAGES, and another build has another NAME.
const NAME = 'BUILD'
const PAGES = []

const pageOf = path => PAGES.find(one => one === path || (one.endsWith('/*') && path.startsWith(one.slice(0, -1))))

self.addEventListener('install', () => self.skipWaiting())

self.addEventListener('activate', event => {
  const forget = async () => {
    for (const name of await caches.keys())
      if (name.startsWith('tallystick-') && name !== NAME) await caches.delete(name)
    await self.clients.claim()
  }
  event.waitUntil(forget())
})

// What a page loaded before this worker was there: paths of this origin.
self.addEventListener('message', event => {
  const keep = async () => {
    const cache = await caches.open(NAME)
    const paths = event.data.filter(path => path.startsWith('/assets/') || pageOf(path) !== undefined)
    const fetchOne = async path => {
      if ((await cache.match(path)) !== undefined) return
      const answer = await fetch(path)
      if (answer.ok) await cache.put(path, answer)
    }
    await Promise.allSettled(paths.map(fetchOne))
    event.source?.postMessage('kept')
  }
  event.waitUntil(keep())
})

self.addEventListener('fetch', event => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin) return
  const isPage = request.mode === 'navigate' && pageOf(pathname) !== undefined
  if (isPage) event.respondWith(fromNetwork(request, pathname))
  else if (pathname.startsWith('/assets/')) event.respondWith(fromCache(request, pathname))
})

/** A page: the newest, and the kept one where there is no answer. */
async function fromNetwork(request, path) {
  const cache = await caches.open(NAME)
  try {
    const answer = await fetch(request)
    if (answer.ok) await cache.put(path, answer.clone())
    return answer
  } catch (error) {
    const kept = await cache.match(path)
    if (kept === undefined) throw error
    return kept
  }
}

/** A part: its name says what is in it, so it never changes. */
async function fromCache(request, path) {
  const cache = await caches.open(NAME)
  const kept = await cache.match(path)
  if (kept !== undefined) return kept
  const answer = await fetch(request)
  if (answer.ok) await cache.put(path, answer.clone())
  return answer
}
