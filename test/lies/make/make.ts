import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { answerLies } from './answer-lies.ts'
import { authorityLies } from './authority-lies.ts'
import { backLies } from './back-lies.ts'
import { bookLies } from './book-lies.ts'
import { bookRuleLies } from './book-rule-lies.ts'
import { byteLies } from './byte-lies.ts'
import { capLies } from './cap-lies.ts'
import { carriedLies } from './carried-lies.ts'
import { citesLies } from './cites-lies.ts'
import { claimsLies } from './claims-lies.ts'
import { clientLies } from './client-lies.ts'
import { clockLies } from './clock-lies.ts'
import { continuedLies } from './continued-lies.ts'
import { Corpus, formatLie } from './corpus.ts'
import { custodyLies } from './custody-lies.ts'
import { edgeLies } from './edge-lies.ts'
import { evidenceLies } from './evidence-lies.ts'
import { exhibitLies } from './exhibit-lies.ts'
import { fieldLies } from './field-lies.ts'
import { groupLies } from './group-lies.ts'
import { hiddenLies } from './hidden-lies.ts'
import { historyLies } from './history-lies.ts'
import { keptLies } from './kept-lies.ts'
import { keyLies } from './key-lies.ts'
import { lateAcrossLies } from './late-across-lies.ts'
import { lateLies } from './late-lies.ts'
import { lineLies } from './line-lies.ts'
import { logLies } from './log-lies.ts'
import { mergeLies } from './merge-lies.ts'
import { migrationLies } from './migration-lies.ts'
import { noteLies } from './note-lies.ts'
import { orderLies } from './order-lies.ts'
import { overdueLies } from './overdue-lies.ts'
import { pageLies } from './page-lies.ts'
import { placeLies } from './place-lies.ts'
import { pretextLies } from './pretext-lies.ts'
import { proofLies } from './proof-lies.ts'
import { receiptLies } from './receipt-lies.ts'
import { recordLies } from './record-lies.ts'
import { refusalLies } from './refusal-lies.ts'
import { reinstateLies } from './reinstate-lies.ts'
import { rewardLies } from './reward-lies.ts'
import { runningLies } from './running-lies.ts'
import { sealedLogLies } from './sealed-log-lies.ts'
import { openShop, type Shop } from './shop.ts'
import { shownEntryLies } from './shown-entry-lies.ts'
import { signerLies } from './signer-lies.ts'
import { statementLies } from './statement-lies.ts'
import { statusesLies } from './statuses-lies.ts'
import { takesLies } from './takes-lies.ts'
import { timeLies } from './time-lies.ts'
import { totalsLies } from './totals-lies.ts'
import { twinLies } from './twin-lies.ts'
import { twoLogsLies } from './two-logs-lies.ts'

/** Every file of the corpus, made of the shop’s ledger: the same bytes each time. */
export function corpusOf(shop: Shop): Corpus {
  const corpus = new Corpus()
  for (const tell of [
    statementLies,
    lineLies,
    recordLies,
    placeLies,
    authorityLies,
    timeLies,
    custodyLies,
    historyLies,
    hiddenLies,
    edgeLies,
    keptLies,
    pageLies,
    proofLies,
    receiptLies,
    refusalLies,
    noteLies,
    keyLies,
    clientLies,
    answerLies,
    clockLies,
    bookLies,
    bookRuleLies,
    byteLies,
    fieldLies,
    logLies,
    citesLies,
    takesLies,
    claimsLies,
    statusesLies,
    migrationLies,
    reinstateLies,
    mergeLies,
    sealedLogLies,
    evidenceLies,
    twinLies,
    overdueLies,
    runningLies,
    orderLies,
    carriedLies,
    pretextLies,
    rewardLies,
    exhibitLies,
    shownEntryLies,
    signerLies,
    lateLies,
    lateAcrossLies,
    groupLies,
    capLies,
    continuedLies,
    backLies,
    twoLogsLies,
    totalsLies,
  ])
    tell(corpus, shop)
  return corpus
}

const ROOT = join(import.meta.dirname, '..')

/** Paths of the files that are there, below `test/lies`, without `.json`. */
export async function filesThere(): Promise<string[]> {
  const names = await readdir(ROOT, { recursive: true })
  return names
    .filter(name => name.endsWith('.json'))
    .map(name => name.replaceAll('\\', '/').slice(0, -'.json'.length))
    .sort()
}

/** Where a file of the corpus is. */
export function fileOf(path: string): string {
  return join(ROOT, `${path}.json`)
}

if (process.argv[1] === import.meta.filename) {
  const { files } = corpusOf(await openShop())
  for (const path of await filesThere()) if (!files.has(path)) await rm(fileOf(path))
  for (const [path, file] of files) {
    await mkdir(dirname(fileOf(path)), { recursive: true })
    await writeFile(fileOf(path), formatLie(file))
  }
  const lies = [...files.values()].filter(({ expect }) => expect !== 'holds').length
  console.log(`Wrote ${lies} lies and ${files.size - lies} truths into test/lies.`)
}
