import { show } from '../shell/page.tsx'
import { ScanPart } from '../shell/scan-part.tsx'
import type { Sample, SampleName } from './files.ts'
import { VerifyPage } from './page.tsx'
import { type KeptSample, sampleFrom } from './samples.ts'
import { verifierBehind } from './verifier.ts'

const verifier = verifierBehind(() => new Worker(new URL('./verify-worker.ts', import.meta.url), { type: 'module' }))

async function policy(): Promise<Uint8Array | undefined> {
  const answer = await fetch('/policy')
  return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined
}

async function sample(name: SampleName): Promise<Sample> {
  const answer = await fetch(`/assets/sample-${name}.json`)
  return sampleFrom((await answer.json()) as KeptSample)
}

show(() => <VerifyPage verifier={verifier} policy={policy} sample={sample} isAlone={false} scan={ScanPart} />)
