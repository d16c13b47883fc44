import type { Context, Subject } from './context.ts'
import { ingest, inOnePiece, LANES, published } from './ledger.ts'
import { formatFigure, ratio } from './report.ts'
import { BATCH_TRANSACTIONS } from './workload.ts'

/** Callers that each wait for the answer to one redemption before they send the next. */
const SINGLE_LANES = 1024
/** So many of them more are taken in before the clock starts. */
const WARM_UP = 0.1

/**
 * How many transactions a second does the ledger take from callers in its own process, signed by the thousand? From the
 * bytes of the submission to the answer: decoded, hashed, verified, applied, on disk, promised; sealed every second.
 */
export async function batchSigned({ size, machine, report }: Context, { log, workload }: Subject): Promise<number> {
  report.begin(`signing ${size.batches} batches of ${BATCH_TRANSACTIONS}, then taking them in`)
  const bodies = Array.from({ length: size.batches }, () => workload.issuesAlsoToSamples())
  const seconds = await ingest(log, bodies, LANES)
  const rate = (bodies.length * BATCH_TRANSACTIONS) / seconds
  await published(log)
  report.add({
    what: 'batch-signed, in process',
    figure: rate,
    unit: 'tx/s',
    beside:
      `${ratio(rate, machine.levelPutPerSecond, 'LevelDB puts')}, each as long as ` +
      `${formatFigure(machine.sha256PerSecond / rate)} SHA-256`,
    target: { atLeast: 200_000, aim: 400_000 },
  })
  return rate
}

/** The same, each transaction signed by the owner of the account that it debits: one signature each. */
export async function singleSigned(
  { size, machine, report }: Context,
  { log, workload }: Subject,
  cores: number,
): Promise<number> {
  report.begin(`signing ${size.singles} redemptions one by one, then taking them in`)
  const singles = Array.from({ length: size.singles }, () => workload.redemption())
  const bodies = inOnePiece([...workload.sampleRedemptions(), ...singles])
  // As the machine's own figures are: from when the code is compiled.
  await ingest(
    log,
    inOnePiece(Array.from({ length: WARM_UP * size.singles }, () => workload.redemption())),
    SINGLE_LANES,
  )
  const seconds = await ingest(log, bodies, SINGLE_LANES)
  const rate = bodies.length / seconds
  await published(log)
  const ceiling = machine.ed25519VerifyPerSecond * cores
  report.add({
    what: 'signed one by one, in process',
    figure: rate,
    unit: 'tx/s',
    beside: ratio(rate, ceiling, `verifications × ${cores} cores`),
    target: { atLeast: 0.7 * ceiling, aim: 0.9 * ceiling },
  })
  return rate
}
