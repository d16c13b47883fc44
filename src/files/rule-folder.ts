import { join } from 'node:path'
import { toHex, utf8Decode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { FormatError } from '../core/failure.ts'
import { RULE_BYTES_MAX } from '../core/limits.ts'
import { fileExists, makeFolder, readBytes, writeBytes } from '../node/file-system.ts'

/**
 * Texts of published rules in a folder, each under the SHA-256 of its bytes, which `publish-rule` names (SPEC §5): what
 * a ledger serves, and what an auditor keeps.
 */
export class RuleFolder {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The text under a digest of 64 hex digits; undefined where it is not there, or is another. */
  async read(digest: string): Promise<Uint8Array | undefined> {
    const path = this.#pathOf(digest)
    if (!(await fileExists(path))) return undefined
    const bytes = await readBytes(path)
    return digestOf(bytes) === digest ? bytes : undefined
  }

  /** Keeps a text, durably. @returns its digest. @throws FormatError `rule-text` where it is too long, or no UTF-8. */
  async write(text: Uint8Array): Promise<string> {
    if (text.length === 0 || text.length > RULE_BYTES_MAX)
      throw new FormatError('rule-text', `the text of a rule has 1 to ${RULE_BYTES_MAX} bytes, this one ${text.length}`)
    utf8Decode(text)
    const digest = digestOf(text)
    await makeFolder(this.#directory)
    await writeBytes(this.#pathOf(digest), text)
    return digest
  }

  #pathOf(digest: string): string {
    return join(this.#directory, `${digest}.json`)
  }
}

function digestOf(bytes: Uint8Array): string {
  return toHex(engine().sha256(bytes))
}
