import { expect, test } from 'vitest'
import { agree } from './agree.ts'

// All of them: TALLY_PAIRS=10000 npm run try:agree
const PAIRS = Number(process.env['TALLY_PAIRS'] ?? 40)
const SEED = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

test(`service, auditor and the naive evaluator agree on ${PAIRS} documents and orders (TALLY_SEED=${SEED})`, async () => {
  const agreed = await agree(SEED, 0, PAIRS)
  console.log(`TALLY_SEED=${SEED}: ${JSON.stringify(agreed)}`)
  expect(agreed.pairs).toBe(PAIRS)
  expect(agreed.issues).toBeGreaterThan(PAIRS / 2)
})
