import { InvalidArgumentError, Option } from 'commander'
import { isMemberName, memberRef } from '../../src/client/index.ts'
import { keyPath, newKey, writeKey } from '../../src/files/key-files.ts'
import { type RefSecret, readRefSecret } from '../../src/files/ref-secret.ts'
import type { ImportedMembers } from '../../src/issuing/index.ts'
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
function importSecretPath(data: string): string {
  return keyPath(data, 'import-secret')
}

/** The secret of imports of a data directory; made on the first use, and only for the moment by a dry run. */
export async function importSecret(data: string, isDryRun = false): Promise<Uint8Array> {
  const path = importSecretPath(data)
  if (!(await fileExists(path))) {
    if (isDryRun) return newKey('nobody').seed
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
async function refSecret(
  { data, refSecret: path }: Remote & Referring,
  isNew: boolean,
  isDryRun = false,
): Promise<RefSecret> {
  if (path !== undefined) return readRefSecret(path)
  if (!isNew && !(await fileExists(importSecretPath(data))))
    throw new UsageError(
      'key-missing',
      `There is no ${importSecretPath(data)}. Name what references are made with: --ref-secret shop.json`,
    )
  return { secret: await importSecret(data, isDryRun) }
}

/** The sponsor of members in a unit: `--sponsor`, or the shop's own account; null where it is the platform. */
function sponsorIn({ sponsor }: Referring, { shop }: Pick<RefSecret, 'shop'>, unit: number): number | null {
  if (sponsor !== undefined) return sponsor
  return shop?.units.find(({ record }) => record === unit)?.merchant ?? null
}

/** Whose the members of a file are. A shop's are opened as its gateway opens them: its custodian acts for them. */
export async function membersOf(
  options: Remote & Referring,
  isDryRun = false,
): Promise<ImportedMembers & Pick<RefSecret, 'shop'>> {
  const made = await refSecret(options, true, isDryRun)
  const holder = made.shop?.keys.custodian.holder
  const custodian =
    holder !== undefined && 'record' in holder ? { record: holder.record, leaf: made.shop!.custodianLeaf } : undefined
  return {
    secret: made.secret,
    sponsorOf: unit => sponsorIn(options, made, unit) ?? undefined,
    ...(custodian === undefined ? {} : { custodian }),
    ...(made.shop === undefined ? {} : { shop: made.shop }),
  }
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
