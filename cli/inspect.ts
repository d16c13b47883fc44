import type { Command } from 'commander'
import { decodeBatch } from '../src/core/batch.ts'
import { parseCard } from '../src/core/card.ts'
import { parseCheckpoint } from '../src/core/checkpoint.ts'
import { parseNote } from '../src/core/note.ts'
import { decodePromise } from '../src/core/promise.ts'
import { parseReceipt } from '../src/core/receipt.ts'
import { decodeStatement } from '../src/core/statement.ts'
import { describeEntry, readable } from './describe.ts'
import { UsageError } from './failure.ts'
import { readBytes } from './files.ts'
import { printJson } from './screen.ts'
import { kindOf } from './sniff.ts'

export function inspectCommand(program: Command): void {
  program
    .command('inspect <file>')
    .summary('show what is in a file, verified or not, as JSON')
    .description(
      'Shows what is in a statement, receipt, promise, checkpoint, card or entry, as JSON. Verifies nothing.',
    )
    .addHelpText('after', '\nExample:\n  tally inspect 2.statement')
    .action(async (file: string) => {
      printJson(inspect(file, await readBytes(file)))
    })
}

/** @param bytes - untrusted. @throws FormatError, UsageError. */
function inspect(file: string, bytes: Uint8Array): object {
  switch (kindOf(bytes)) {
    case 'statement': {
      const { checkpoint, seal, lines, records, ...rest } = decodeStatement(bytes)
      return {
        file: 'statement',
        checkpoint: checkpointOf(checkpoint),
        seal: describeEntry(seal.entry),
        ...(readable(rest) as object),
        lines: lines.map(({ entry, evidence }) => ({
          ...describeEntry(entry),
          evidence:
            evidence === null ? null : { ...(readable(evidence) as object), batch: describeEntry(evidence.batch) },
        })),
        records: records.map(({ entry, ...record }) => ({ ...(readable(record) as object), ...describeEntry(entry) })),
      }
    }
    case 'promise': {
      const { batch, transactions, ...promise } = decodePromise(bytes)
      const { statuses } = decodeBatch(batch)
      return {
        file: 'promise',
        ...(readable(promise) as object),
        batch: describeEntry(batch),
        accepted: statuses.filter(status => status === 0).length,
        transactions: transactions.map(describeEntry),
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
        checkpoint: checkpointOf(checkpoint),
      }
    }
    case 'card':
      return { file: 'card', ...(readable(parseCard(bytes)) as object) }
    case 'entry':
      return describeEntry(bytes)
    case 'note':
      return { file: 'note', ...checkpointOf(bytes) }
    default:
      throw new UsageError('file-kind', `${file} is nothing that this program knows.`)
  }
}

function checkpointOf(bytes: Uint8Array): object {
  const { text, signatures } = parseNote(bytes)
  return { ...(readable(parseCheckpoint(text)) as object), signatures: readable(signatures) }
}
