import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { utf8Decode } from '../core/bytes.ts'
import { readPrivate } from '../files/private-file.ts'
import {
  type Journal,
  JournalError,
  joiningPosition,
  type KafkaAccess,
  type RecordStream,
  type RootAt,
  SharedJournal,
  WRITER_BYTES,
} from '../journal/index.ts'
import { UsageError } from '../node/failure.ts'

/** The journal of a log that has come to a position, and the position from which the log goes on. */
export interface OpenedJournal {
  readonly journal: (next: number) => Journal
  readonly joinAt: (next: number, rootAt: RootAt) => Promise<number>
}

export interface JournalOptions {
  /** `kafka://host:port,host:port/topic`. */
  readonly address: string
  /** A file that says how to reach the brokers, where they ask: it has a password. */
  readonly accessPath?: string
  /** Is told why the order cannot be read for now; with undefined, that it is again. */
  readonly onTrouble: (why: Error | undefined) => void
}

const accessSchema = z.strictObject({
  tls: z.union([z.boolean(), z.strictObject({ ca: z.string() })]).optional(),
  user: z.string().optional(),
  password: z.string().optional(),
  mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']).optional(),
})

/**
 * The journal at an address, for `openLedger`. Nothing is reached before the log is opened.
 *
 * @throws JournalError `journal-address`; UsageError `settings` where the file is not of its form, or anyone else may
 *   read it.
 */
export async function openJournal({ address, accessPath, onTrouble }: JournalOptions): Promise<OpenedJournal> {
  const { KafkaStream, parseKafkaAddress } = await import('../journal/kafka.ts')
  const where = parseKafkaAddress(address)
  const access = accessPath === undefined ? {} : await readAccess(accessPath)
  let told: string | undefined
  return {
    journal: next =>
      new SharedJournal({
        stream: new KafkaStream(where, access),
        next,
        writer: new Uint8Array(randomBytes(WRITER_BYTES)),
        // Once for each change, and not each time that it is asked again.
        onTrouble: why => {
          if (why?.message === told) return
          told = why?.message
          onTrouble(why)
        },
      }),
    joinAt: (next, rootAt) => joined(new KafkaStream(where, access), next, rootAt),
  }
}

/** Where nobody answers, the log opens, serves reads, and asks again. */
async function joined(stream: RecordStream, next: number, rootAt: RootAt): Promise<number> {
  try {
    return await joiningPosition(stream, next, rootAt)
  } catch (error) {
    if (error instanceof JournalError && error.code === 'journal-read') return next
    throw error
  } finally {
    await stream.close()
  }
}

async function readAccess(path: string): Promise<KafkaAccess> {
  const bytes = await readPrivate(path)
  try {
    const { tls, user, password, mechanism } = accessSchema.parse(JSON.parse(utf8Decode(bytes)))
    return {
      ...(tls === undefined ? {} : { tls }),
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(mechanism === undefined ? {} : { mechanism }),
    }
  } catch (error) {
    // No word of what is in it: it has a password.
    const where =
      error instanceof z.ZodError ? error.issues.map(({ path }) => path.join('.') || 'top').join(', ') : 'JSON'
    throw new UsageError(
      'settings',
      `${path} does not say how to reach the brokers (${where}): {"tls": true, "user": "…", "password": "…"}.`,
    )
  }
}
