import { InvalidArgumentError, Option } from 'commander'
import { isMemberName, memberRef } from '../../src/client/index.ts'
import { keyPath, newKey, writeKey } from '../../src/files/key-files.ts'
import { type RefSecret, readRefSecret } from '../../src/files/ref-secret.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists } from '../../src/node/file-system.ts'
import { note } from '../screen/screen.ts'
import { type Remote, wholeNumber } from './options.ts'

/** Who members are to a shop, as options say it. */
export interface Referring {
  /** A merchant account; null for the platform, also where the secret is a shop's. */
  readonly sponsor?: number | null
  readonly refSecret?: string
}

/** `--ref`, of commands that are about one member. */
export function refOption(): Option {
  return new Option(
    '--ref <name>',
    "the shop's own name for her, such as cust_8842: always written in the same way",
  ).argParser(text => {
    if (isMemberName(text)) return text
    throw new InvalidArgumentError('Expected 1 to 256 characters, none of them a control character.')
  })
}

/** `--sponsor` and `--ref-secret`. The secret stands in a file: a command line is seen by everyone on the machine. */
export function referringOptions(): Option[] {
  return [
    new Option(
      '--sponsor <account>',
      'the merchant account of the shop that the members are of, or none for the platform; by default that of the ' +
        "shop's file, or none",
    ).argParser(text => (text === 'none' ? null : wholeNumber(text))),
    new Option(
      '--ref-secret <file>',
      "what references are made with, mode 0600: a shop's file, a key file, or a line of hex; by default the secret " +
        'of imports in --data',
    ),
  ]
}

/** Where the secret of imports is, of ids and owner keys, and of references where no other is named. */
export function importSecretPath(data: string): string {
  return keyPath(data, 'import-secret')
}

/** The secret of imports of a data directory; made on the first use. */
export async function importSecret(data: string): Promise<Uint8Array> {
  const path = importSecretPath(data)
  if (!(await fileExists(path))) {
    await writeKey(path, newKey('import-secret'))
    note(`Made ${path}: keep a copy of it elsewhere. Without it no member is found again.`)
  }
  return (await readRefSecret(path)).secret
}

/**
 * The secret of references: `--ref-secret`, or that of imports, which is made only to open accounts.
 *
 * @throws UsageError `key-missing`; what `readRefSecret` throws.
 */
export async function refSecret({ data, refSecret: path }: Remote & Referring, isNew: boolean): Promise<RefSecret> {
  if (path !== undefined) return readRefSecret(path)
  if (!isNew && !(await fileExists(importSecretPath(data))))
    throw new UsageError(
      'key-missing',
      `There is no ${importSecretPath(data)}. Name what references are made with: --ref-secret shop.json`,
    )
  return { secret: await importSecret(data) }
}

/** The sponsor of members in a unit: `--sponsor`, or the shop's own account; null where it is the platform. */
export function sponsorIn({ sponsor }: Referring, { shop }: Pick<RefSecret, 'shop'>, unit: number): number | null {
  if (sponsor !== undefined) return sponsor
  return shop?.units.find(({ record }) => record === unit)?.merchant ?? null
}

/** The reference of a member in a unit, and whose it is. @throws UsageError as `refSecret`. */
export async function referenceOf(
  options: Remote & Referring & { readonly ref: string },
  unit: number,
  isNew: boolean,
): Promise<{ readonly ref: Uint8Array; readonly sponsor: number | null }> {
  const made = await refSecret(options, isNew)
  return { ref: memberRef(made.secret, unit, options.ref), sponsor: sponsorIn(options, made, unit) }
}
