import { useEffect, useState } from 'preact/hooks'
import { awaitInstallOffer } from '../shell/install.ts'
import { later } from '../shell/later.tsx'
import { show } from '../shell/page.tsx'
import { verifierBehind } from '../verify/verifier.ts'
import { tokenOf } from './mine.ts'
import { WalletPage } from './page.tsx'

const verifier = verifierBehind(
  () => new Worker(new URL('../verify/verify-worker.ts', import.meta.url), { type: 'module' }),
)

/** With a key: what it takes is loaded where no link says whose points are looked at. */
const OwnPage = later(async () => (await import('./own/own-page.tsx')).OwnPage)

/** By a link, or by a key. */
function Wallet() {
  const [hasLink, setLink] = useState(() => tokenOf(location.hash) !== undefined)
  useEffect(() => {
    const change = () => setLink(tokenOf(location.hash) !== undefined)
    addEventListener('hashchange', change)
    return () => removeEventListener('hashchange', change)
  }, [])
  return hasLink ? <WalletPage verifier={verifier} /> : <OwnPage />
}

awaitInstallOffer()
show(() => <Wallet />)
