import type { Command } from 'commander'
import { utf8Decode } from '../../src/core/bytes.ts'
import { transactionBytes } from '../../src/core/entry/batch.ts'
import { UsageError } from '../../src/node/failure.ts'
import { readBytes } from '../../src/node/file-system.ts'
import { parseCard } from '../../src/verify/card.ts'
import { kindOf } from '../../src/verify/file-kind.ts'
import { parseOpened } from '../../src/verify/opened-totals.ts'
import { decodePromise } from '../../src/verify/promise.ts'
import { parseReceipt } from '../../src/verify/receipt.ts'
import { decodeRefusal } from '../../src/verify/refusal.ts'
import { decodeStatement } from '../../src/verify/statement.ts'
import { asFile } from '../input/as-file.ts'
import { kindOfFile } from '../input/kind-of-file.ts'
import { describeCheckpoint, describeEntry, describePromise, readable } from '../screen/describe.ts'
import { printJson, when } from '../screen/screen.ts'
import { inspectEvidence } from '../screen/show-evidence.ts'

export function inspectCommand(program: Command): void {
  program
    .command('inspect <file>')
    .summary('show the content of a file, verified or not, as JSON')
    .description(
      'Shows what is in a statement, receipt, promise, refusal, evidence file, checkpoint, card or entry, as ' +
        'JSON. Verifies nothing: of evidence, what it accuses whom of, and not whether that is so. `-` is standard ' +
        'input.',
    )
    .addHelpText('after', '\nExamples:\n  tally inspect 2.statement\n  tally inspect evidence-700.jsonl')
    .action(async (file: string) => {
      const shown = await asFile(file, async path =>
        (await kindOfFile(path)) === 'evidence' ? inspectEvidence(path) : inspect(path, await readBytes(path)),
      )
      printJson(shown)
    })
}

/** A line of opened totals. @param line - untrusted. @throws FormatError. */
function describeTotals(line: string): object {
  const { checkpoint, seal, units, ...rest } = parseOpened(line)
  const totals = units.map(one => Object.fromEntries(Object.entries(one).map(([name, sum]) => [name, String(sum)])))
  return {
    checkpoint: describeCheckpoint(checkpoint),
    seal: describeEntry(seal),
    totals,
    ...(readable(rest) as object),
  }
}

/** @param bytes - untrusted. @throws FormatError, UsageError. */
function inspect(file: string, bytes: Uint8Array): object {
  switch (kindOf(bytes)) {
    case 'statement': {
      const { checkpoint, seal, lines, batches, records, ...rest } = decodeStatement(bytes)
      return {
        file: 'statement',
        checkpoint: describeCheckpoint(checkpoint),
        seal: describeEntry(seal.entry),
        ...(readable(rest) as object),
        lines: lines.map(describeEntry),
        batches: batches.map(({ batch, ...where }) => ({ ...(readable(where) as object), ...describeEntry(batch) })),
        records: records.map(({ entry, ...record }) => ({ ...(readable(record) as object), ...describeEntry(entry) })),
      }
    }
    case 'promise':
      return { file: 'promise', ...describePromise(decodePromise(bytes)) }
    case 'refusal': {
      const { submission, signatures, transactions, ...refusal } = decodeRefusal(bytes)
      return {
        file: 'refusal',
        ...(readable(refusal) as object),
        time: when(refusal.time),
        bytes: submission.length,
        signatures: readable(signatures),
        transactions: transactionBytes(transactions).map(describeEntry),
      }
    }
    case 'receipt': {
      const { entry, evidence, index, proof, checkpoint } = parseReceipt(bytes)
      return {
        file: 'receipt',
        index,
        entry: describeEntry(entry),
        evidence: evidence && { ...(readable(evidence) as object), batch: describeEntry(evidence.batch) },
        proof: readable(proof),
        checkpoint: describeCheckpoint(checkpoint),
      }
    }
    case 'totals':
      return { file: 'totals', days: utf8Decode(bytes).split('\n').filter(Boolean).map(describeTotals) }
    case 'card':
      return { file: 'card', ...(readable(parseCard(bytes)) as object) }
    case 'entry':
      return describeEntry(bytes)
    case 'note':
      return { file: 'note', ...describeCheckpoint(bytes) }
    default:
      throw new UsageError(
        'file-kind',
        `${file} is of no kind that tally reads, such as a statement, a receipt, a card or an entry.`,
      )
  }
}
