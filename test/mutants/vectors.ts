import type { Lie } from '../lies/lie.ts'

/** The values of SPEC §15, by name: bytes as hex, or text. */
function valuesIn(spec: string): Map<string, string> {
  const block = spec.split('<!-- vectors: made by `npm run vectors` -->\n')[1]!.split('\n<!-- end of vectors -->')[0]!
  const values = new Map<string, string>()
  for (const [, name, text] of block.matchAll(/^([a-z.0-9-]+)\n```\n([\s\S]*?)```$/gm)) values.set(name!, text!)
  for (const [, name, lines] of block.matchAll(/^([a-z.0-9-]+) \([0-9]+ bytes\)\n((?: {4}[0-9a-f]+(?:\n|$))+)/gm))
    values.set(name!, lines!.replaceAll(/\s/g, ''))
  return values
}

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64')

/** The vectors of SPEC §15 as files of the corpus of lies, all of which hold: anyone who runs that runs these. */
export function vectorsIn(spec: string): Map<string, Lie> {
  const values = valuesIn(spec)
  const inOrder = (prefix: string) => {
    const list: string[] = []
    for (let i = 0; values.has(`${prefix}.${i}`); i++) list.push(base64(values.get(`${prefix}.${i}`)!))
    return list
  }
  const key = Buffer.concat([Buffer.of(1), Buffer.from(values.get('log.public')!, 'hex')])
  const checkpoint = values.get('checkpoint')!
  const [name, keyId] = [
    checkpoint.split('\n')[0]!,
    Buffer.from(checkpoint.split(' ').at(-1)!, 'base64').subarray(0, 4),
  ]
  const policy = `log ${name}+${keyId.toString('hex')}+${key.toString('base64')}\nquorum none\n`
  const file = (verifier: string, shown: object): Lie => {
    const says = `SPEC §15: ${verifier}.`
    return { format: 'tallystick/lie/v1', says, verifier, trust: { policy }, shown: { ...shown }, expect: 'holds' }
  }
  const bytes = (vector: string) => ({ bytes: base64(values.get(vector)!) })
  return new Map([
    ['log', file('log', { checkpoint, entries: inOrder('entry'), salts: inOrder('seal-salt') })],
    ['checkpoint', file('checkpoint', { text: checkpoint })],
    ['promise', file('promise', bytes('promise'))],
    ['refusal', file('refusal', bytes('refusal'))],
    ['receipt-18', file('receipt', { text: values.get('receipt.entry-18')! })],
    ['receipt-20', file('receipt', { text: values.get('receipt.entry-20')! })],
    ['statement', file('statement', bytes('statement'))],
    ['statement-signatures', file('statement', bytes('statement.signatures'))],
  ])
}
