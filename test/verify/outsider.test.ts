import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runs } from '../runs.ts'
import { balanceProven, batchRootOf } from './outsider.ts'
import { refusalProven } from './refusal-outsider.ts'

const SPEC = readFileSync(join(import.meta.dirname, '../../SPEC.md'), 'utf8')

/** A vector of SPEC §15, read as an outsider would: the indented lines after its name. */
function vector(name: string): Buffer {
  const block = SPEC.split(`\n${name} (`)[1]?.split('\n\n')[0]
  if (block === undefined) throw new Error(`SPEC §15 has no ${name}`)
  return Buffer.from(block.split('\n').slice(1).join('').replaceAll(' ', ''), 'hex')
}

describe('SPEC.md is enough', () => {
  const [origin, key] = ['ledger.example/points', vector('log.public')]

  test('to verify the statements that it holds', () => {
    for (const name of ['statement', 'statement.signatures'])
      expect([name, balanceProven(vector(name), origin, key)]).toEqual([name, 79])
    expect(balanceProven(vector('statement'), origin, vector('root.public'))).toBe(false)
    expect(balanceProven(vector('statement'), 'other', key)).toBe(false)
  })

  test('to make the root of a batch', () => {
    expect(vector('entry.18').includes(Buffer.from(batchRootOf([vector('entry.19'), vector('entry.20')])))).toBe(true)
  })

  test('to verify the refusal that it holds', () => {
    const whole = vector('refusal')
    expect(refusalProven(whole, key)).toBe('signer-unknown')
    expect(refusalProven(whole, vector('root.public'))).toBe(false)
    // The last byte of the last transaction is a number of it.
    expect(refusalProven(Buffer.concat([whole.subarray(0, -1), Buffer.of(whole.at(-1)! ^ 1)]), key)).toBe(false)
  })

  test('to follow an entry byte by byte: the examples of §4 and §5', () => {
    const examples = [...SPEC.matchAll(/byte by byte: entry (\d+) of §15.*\n\n```\n([^`]+)```/g)]
    expect(examples.map(([, index]) => index)).toEqual(['18', '19'])
    for (const [, index, block] of examples) {
      // Hex stands before the first two spaces after it; an ellipsis is for bytes that are left out.
      const hex = block!.split('\n').map(line => /^ *((?:[0-9a-f…]+ ?)+)(?= |$)/.exec(line)?.[1] ?? '')
      const pattern = hex.join('').replaceAll(' ', '').replaceAll('…', '[0-9a-f]+')
      expect(vector(`entry.${index}`).toString('hex')).toMatch(new RegExp(`^${pattern}$`))
    }
  })

  test('to refuse a statement with a byte changed', () => {
    const whole = vector('statement')
    let unseen = 0
    // Each byte in a night, else one of five: from which, the message of an error says.
    const step = runs(1, 5)
    const from = randomInt(step)
    for (let at = from; at < whole.length; at += step) {
      const changed = Buffer.from(whole)
      changed[at]! ^= 1
      // Of the note it does not read the name beside the signature, nor the key's id.
      if (balanceProven(changed, origin, key) !== false) unseen++
    }
    expect(unseen, `from byte ${from}`).toBeLessThan(step === 1 ? 40 : 12)
  })
})
