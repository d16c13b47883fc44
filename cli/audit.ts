import { join } from 'node:path'
import type { Command } from 'commander'
import { TallyClient } from '../src/client/index.ts'
import { toHex, utf8Encode } from '../src/core/bytes.ts'
import { engine } from '../src/core/engine.ts'
import { openCheckpoint, type Policy } from '../src/core/policy.ts'
import { auditPage } from './audit-page.ts'
import { type AuditReport, audit } from './auditor.ts'
import { EXIT } from './failure.ts'
import { Figures } from './figures.ts'
import { fileExists, readBytes, writeBytes } from './files.ts'
import { keyFor, policyFrom, publicClient, type Remote } from './options.ts'
import { print, printJson, progressBar, table } from './screen.ts'

interface AuditCommandOptions {
  readonly data: string
  readonly key?: string
  readonly policy?: string
  readonly state?: string
  readonly html?: string
  readonly json?: boolean
}

export function auditCommand(program: Command): void {
  program
    .command('audit <url>')
    .summary('replay a whole ledger and check everything')
    .description(
      'Fetches every entry of a ledger, verifies every signature, replays every rule, makes every seal and tile anew and checks the checkpoint. Exits 0 only without any fault.',
    )
    .option('--policy <file>', 'whom you trust: a tlog-policy file; by default the one in --data')
    .option('--data <dir>', 'where the auditor key is that the first start made', process.env['TALLY_DATA'] ?? 'data')
    .option('--key <file>', 'an auditor key, instead of the one in --data')
    .option('--state <dir>', 'keep the checkpoint of each log here, and demand that the next one grew out of it')
    .option('--html <file>', 'write a report with charts, as one HTML page that needs nothing else')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally audit http://127.0.0.1:8080\n  tally audit https://points.shop.example --policy shop.policy --key auditor.key.json --state audits --html audit.html',
    )
    .action(async (url: string, options: AuditCommandOptions) => {
      const remote: Remote = { ...options, url }
      const policy = await policyOf(remote, options.policy)
      const client = new TallyClient({ url: publicClient(remote) && url, caller: await keyFor(remote, 'auditor') })
      const bar = progressBar('Auditing', 'entries')
      const kept = options.state === undefined ? undefined : join(options.state, await stateName(client))
      const earlier = kept !== undefined && (await fileExists(kept)) ? await readBytes(kept) : undefined
      const figures = options.html === undefined ? undefined : new Figures()
      const report = await audit({
        client,
        policy,
        onProgress: bar.update,
        ...(figures === undefined ? {} : { figures }),
        ...(earlier === undefined ? {} : { earlier }),
      }).finally(() => bar.stop())
      if (kept !== undefined && report.faults.length === 0) await writeBytes(kept, report.checkpoint)
      if (options.html !== undefined) {
        const checkpoint = openCheckpoint(utf8Encode(report.checkpoint), policy)
        const hasEarlier = earlier !== undefined
        const page = auditPage({ report, figures: figures!, checkpoint, hasEarlier, url, madeMs: Date.now() })
        await writeBytes(options.html, page)
      }
      if (options.json) printJson(report)
      else print(show(report, earlier !== undefined))
      if (report.faults.length > 0) process.exitCode = EXIT.refused
    })
}

/** The file in which the checkpoint of a log is kept: one for each origin, of a name that every file system takes. */
async function stateName(client: TallyClient): Promise<string> {
  const { origin } = await client.ledger()
  return `${toHex(engine().sha256(utf8Encode(origin)))}.checkpoint`
}

async function policyOf(remote: Remote, file: string | undefined): Promise<Policy> {
  const own = join(remote.data, 'policy')
  return policyFrom(file ?? ((await fileExists(own)) ? own : undefined), publicClient(remote))
}

function show(report: AuditReport, isContinued: boolean): string {
  const { origin, treeSize, entries, transactions, accounts, seals, totals, faults } = report
  const head =
    faults.length === 0
      ? `${origin}: everything holds${isContinued ? ', and continues what was audited before' : ''}\n\n`
      : `${origin}: ${faults.length} FAULT${faults.length > 1 ? 'S' : ''}\n\n`
  const counts = table([
    ['', 'log size', treeSize],
    ['', 'replayed', entries],
    ['', 'transactions', transactions],
    ['', 'seals', seals],
    ['', 'accounts', accounts],
  ])
  const units = table([
    ['', 'unit', 'issued', 'redeemed', 'expired', 'reversed', 'owed'],
    ...Object.entries(totals).map(([unit, one]) => [
      '',
      unit,
      one.issued,
      one.redeemed,
      one.expired,
      one.reversed,
      one.owed,
    ]),
  ])
  const found = faults.map(({ code, message }) => `  ${code}: ${message}\n`).join('')
  return `${head}${found}${found && '\n'}${counts}\n${units}`
}
