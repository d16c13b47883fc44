import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { modelRows, modelTable } from '../bench/model.ts'

// docs/scale.md has the table that bench/model.ts makes of bench/results.json.

const PAGE = readFileSync(join(import.meta.dirname, '../docs/scale.md'), 'utf8')

describe('the model of a large programme', () => {
  test('stands on the page as it is reckoned', () => {
    const table = PAGE.split('<!-- model -->')[1]!.split('<!-- end -->')[0]!.trim()
    expect(table).toBe(modelTable())
  })

  test('needs more shards where an account takes more memory, and more disk where a movement takes more', () => {
    const base = {
      ingest: { httpBatchTxPerSecond: 500_000 },
      audit: { txPerSecond: 500_000 },
      statement: { bytes: 20_000 },
      disk: { bytesPerTx: 100 },
      memory: { bytesPerAccount: 200 },
    }
    const figure = (what: string, results: typeof base) => modelRows(results).find(row => row[0] === what)![1]
    expect(figure('shards', base)).toBe('8')
    expect(figure('shards', { ...base, memory: { bytesPerAccount: 300 } })).toBe('16')
    expect(figure('shards', { ...base, ingest: { httpBatchTxPerSecond: 20_000 } })).toBe('32')
    expect(figure('log a year', base)).toBe('18.3 TB')
    expect(figure('log a year', { ...base, disk: { bytesPerTx: 200 } })).toBe('36.5 TB')
  })
})
