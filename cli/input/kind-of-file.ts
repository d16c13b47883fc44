import { readBeginning } from '../../src/node/file-system.ts'
import { EVIDENCE_BYTES_MAX } from '../../src/verify/evidence/evidence-file.ts'
import { type FileKind, kindOf, saysItLater } from '../../src/verify/file-kind.ts'

/**
 * What a file seems to be. Of JSON as much is read as it takes to find what says so, in whatever order its members
 * stand: of evidence that carries a log, the document at most.
 *
 * @param path - of an untrusted file.
 * @throws UsageError `file`.
 */
export async function kindOfFile(path: string): Promise<FileKind | undefined> {
  const beginning = await readBeginning(path)
  return kindOf(saysItLater(beginning) ? await readBeginning(path, EVIDENCE_BYTES_MAX) : beginning)
}
