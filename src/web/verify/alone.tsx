import { show } from '../shell/page.tsx'
import { VerifyPage } from './page.tsx'
import { type KeptSamples, sampleFrom } from './samples.ts'
import { verifierBehind } from './verifier.ts'
import { work } from './work.ts'

/** Put here by the build. */
declare const SAMPLES: KeptSamples

/**
 * The page as one file: the same script is the page and, started again out of its own text, the thread that verifies.
 */
function start(): Worker {
  const text = document.getElementById('script')!.textContent
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  return new Worker(url)
}

if (typeof document === 'undefined') work(globalThis as unknown as Parameters<typeof work>[0])
else
  show(() => (
    <VerifyPage
      verifier={verifierBehind(start)}
      policy={async () => undefined}
      sample={async name => sampleFrom(SAMPLES[name])}
      isAlone
    />
  ))
