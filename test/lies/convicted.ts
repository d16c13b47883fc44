import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findEvidence } from '../../src/audit/index.ts'
import type { Policy } from '../../src/core/note/policy.ts'

/** The code that an evidence file convicts of, with the log that it carries, if it does: as `tally verify` reads it. */
export async function convictedOf(bytes: Uint8Array, policy: Policy): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tallystick-evidence-'))
  try {
    const path = join(folder, 'evidence.jsonl')
    await writeFile(path, bytes)
    return (await findEvidence(path, policy)).code
  } finally {
    await rm(folder, { recursive: true })
  }
}
