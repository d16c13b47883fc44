import { EvidenceLines } from '../../src/audit/evidence/evidence-lines.ts'
import { fromBase64, utf8Encode } from '../../src/core/bytes.ts'
import { CodedError } from '../../src/core/failure.ts'
import { brokenPromise } from '../../src/verify/evidence/broken-promise.ts'
import { decodePromise } from '../../src/verify/promise.ts'
import { describeCheckpoint, describeEntry, describePromise, readable } from './describe.ts'

/**
 * What an evidence file says, and what it shows for it, as an object to look at. The exhibits may be malformed, which
 * can be what they are shown for: then they stand as they are, beside why they cannot be read. The log after the
 * document is not read.
 *
 * @param path - of an untrusted file. @throws UsageError `file`; FormatError of `EvidenceLines.open`.
 */
export async function inspectEvidence(path: string): Promise<object> {
  const lines = await EvidenceLines.open(path)
  await lines.close()
  const { evidence, code, ...said } = lines.file
  const { checkpoint, earlier, promise, at, entries, records, ...rest } = evidence
  return {
    file: 'evidence',
    accuses: said.origin,
    code,
    ...(at === undefined ? {} : { at }),
    ...(entries === undefined ? {} : { shows: entries.map(({ index }) => index) }),
    breaks: brokenPromise(code)?.promise ?? 'no promise that this program knows',
    ...said,
    ...(checkpoint === undefined ? {} : { checkpoint: shown(utf8Encode(checkpoint), describeCheckpoint) }),
    ...(earlier === undefined ? {} : { earlier: shown(utf8Encode(earlier), describeCheckpoint) }),
    ...(promise === undefined
      ? {}
      : { promise: shown(fromBase64(promise), bytes => describePromise(decodePromise(bytes))) }),
    ...(entries === undefined
      ? {}
      : {
          entries: entries.map(({ index, entry, proof }) => ({
            index,
            ...shown(fromBase64(entry), describeEntry),
            proof: proof.length,
          })),
        }),
    ...(records === undefined
      ? {}
      : {
          records: records.map(({ entry, ...record }) => ({ ...record, ...shown(fromBase64(entry), describeEntry) })),
        }),
    ...rest,
  }
}

/** What `describe` makes of bytes, or the bytes and why it makes nothing. */
function shown(bytes: Uint8Array, describe: (bytes: Uint8Array) => object): object {
  try {
    return describe(bytes)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { malformed: `${error.code}: ${error.message}`, bytes: readable(bytes) }
  }
}
