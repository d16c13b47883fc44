import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { fromBase64, utf8Encode } from '../../src/core/bytes.ts'
import { CodedError } from '../../src/core/failure.ts'
import { checkFile } from '../../src/web/verify/check-file.ts'
import type { Lie, Shown, Trust } from '../lies/lie.ts'
import { fileOf, filesThere } from '../lies/make/make.ts'

const SHOWN: ReadonlySet<string> = new Set(['statement', 'receipt', 'promise', 'refusal', 'totals', 'evidence'])

/** What a page says of a file of the corpus: `holds`, or a code. */
function saidOf(file: Lie): { said: string; isRed: boolean; heldAll: boolean; open: number } {
  const { policy, card, nowMs } = file.trust as unknown as Trust & { readonly nowMs?: number }
  const { bytes, text } = file.shown as unknown as Shown
  try {
    const verdict = checkFile(bytes === undefined ? utf8Encode(text!) : fromBase64(bytes), {
      policy: utf8Encode(policy),
      card: card === undefined ? undefined : utf8Encode(card),
      nowMs: nowMs ?? 1_800_000_000_000 + 365 * 86_400_000,
    })
    const heldAll = verdict.steps.every(({ state }) => state === 'held')
    const said = verdict.holds ? 'holds' : verdict.code!
    return { said, isRed: verdict.tone === 'breaks', heldAll, open: verdict.unchecked.length }
  } catch (error) {
    if (error instanceof CodedError) return { said: error.code, isRed: false, heldAll: false, open: 0 }
    throw error
  }
}

describe('the findings of the verify page', () => {
  test('is what SPEC says of every file of the corpus that needs nothing kept', async () => {
    let count = 0
    for (const path of await filesThere()) {
      const file = JSON.parse(await readFile(fileOf(path), 'utf8')) as Lie
      const { kept, seen, freshness } = file.trust as unknown as Partial<Trust>
      if (!SHOWN.has(file.verifier) || kept !== undefined || seen !== undefined || freshness !== undefined) continue
      if ((file.shown as { growth?: unknown }).growth !== undefined) continue
      count++
      const { said, isRed, heldAll, open } = saidOf(file)
      // A log that evidence carries is replayed by an auditor, not here.
      if (file.verifier === 'evidence' && said === 'needs-replay') {
        expect(isRed, path).toBe(false)
        continue
      }
      // Bytes that do not even begin like a file of any kind are no kind; any code for bytes stands for any.
      if (said !== file.expect)
        expect([path, said, FORMS.test(said), FORMS.test(file.expect)]).toEqual([path, said, true, true])
      if (file.expect === 'holds') {
        expect(heldAll || isRed, path).toBe(true)
        expect(open > 0 || isRed, `${path} says what was not checked`).toBe(true)
        expect(isRed, path).toBe(file.verifier === 'evidence' || isRed)
      } else expect(heldAll, path).toBe(false)
      if (file.verifier === 'evidence')
        expect(isRed, `${path} accuses only where it holds`).toBe(file.expect === 'holds')
    }
    expect(count).toBeGreaterThan(350)
  })
})

/** Codes for bytes that are not of their form. */
const FORMS =
  /^(?:file-kind|cbor|utf8|hex|base64|decimal|list-length|entry-.*|batch|batch-count|seal|transaction.*|id|time|submission.*|statement|receipt|promise|refusal|answer|card|evidence|sealed-checkpoint|opened-totals|note|checkpoint|verifier-key|policy)$/
