// Builds the pages after `npm ci`, where what builds them was installed: `npm ci --omit=dev` leaves it out.
import { createRequire } from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)

function canBuild() {
  if (major < 22 || (major === 22 && minor < 18)) return false
  try {
    const { resolve } = createRequire(import.meta.url)
    return [resolve('vite'), resolve('preact')].length > 0
  } catch {
    return false
  }
}

if (canBuild()) {
  const { buildPages } = await import('./pages.ts')
  for (const line of await buildPages()) console.log(line)
} else
  console.log(
    'The pages are not built: that takes Node 22.18 and the development dependencies. The ledger runs without them.',
  )
