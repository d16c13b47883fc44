import { show } from '../shell/page.tsx'
import { verifierBehind } from '../verify/verifier.ts'
import { WalletPage } from './page.tsx'

const verifier = verifierBehind(
  () => new Worker(new URL('../verify/verify-worker.ts', import.meta.url), { type: 'module' }),
)

show(() => <WalletPage verifier={verifier} />)
