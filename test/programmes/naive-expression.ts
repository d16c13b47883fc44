/**
 * Expressions of docs/programmes.md §5, evaluated once more: written from the page and the CEL language definition,
 * without code of src/programmes and without a library. Evaluates while it parses into closures.
 */

export type NaiveValue = boolean | bigint | string | NaiveValue[] | { readonly [field: string]: NaiveValue }
type Names = { readonly [name: string]: NaiveValue }
type Run = (names: Names) => NaiveValue

/** The expression fails on what it is given. */
export class Fails extends Error {}

const TOKEN = /\s*(?:(\d+)|([A-Za-z_][A-Za-z0-9_]*)|'([^']*)'|(&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]]))/y
const MIN = -(2n ** 63n)
const MAX = 2n ** 63n - 1n

function int(value: bigint): bigint {
  if (value < MIN || value > MAX) throw new Fails('overflow')
  return value
}

/** Either operand may decide, and then the other one's failure does not count. */
function either(decides: boolean, sides: readonly Run[]): Run {
  return names => {
    let failed: Fails | undefined
    for (const side of sides) {
      try {
        if (side(names) === decides) return decides
      } catch (error) {
        if (!(error instanceof Fails)) throw error
        failed = error
      }
    }
    if (failed !== undefined) throw failed
    return !decides
  }
}

const known = new Map<string, Run>()

/** The expression of a text, parsed once. */
export function naiveExpression(text: string): Run {
  const run = known.get(text) ?? parsed(text)
  known.set(text, run)
  return run
}

function parsed(text: string): Run {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text)
    if (match === null) throw new Error(`no token: ${text}`)
    tokens.push(match[3] === undefined ? match[0].trim() : `'${match[3]}`)
  }
  let at = 0
  const peek = () => tokens[at] ?? ''
  const next = () => tokens[at++] ?? ''
  const want = (token: string) => {
    if (next() !== token) throw new Error(`expected ${token}: ${text}`)
  }

  const conditional = (): Run => {
    const test = disjunction()
    if (peek() !== '?') return test
    next()
    const yes = disjunction()
    want(':')
    const no = conditional()
    return names => (test(names) ? yes(names) : no(names))
  }
  const chain = (operator: string, decides: boolean, side: () => Run): Run => {
    const sides = [side()]
    while (peek() === operator) {
      next()
      sides.push(side())
    }
    return sides.length === 1 ? sides[0]! : either(decides, sides)
  }
  const disjunction = (): Run => chain('||', true, conjunction)
  const conjunction = (): Run => chain('&&', false, relation)
  const binary = (operators: Record<string, (a: NaiveValue, b: NaiveValue) => NaiveValue>, side: () => Run): Run => {
    let left = side()
    while (Object.hasOwn(operators, peek())) {
      const operate = operators[next()]!
      const [a, b] = [left, side()]
      left = names => {
        const first = a(names)
        return operate(first, b(names))
      }
    }
    return left
  }
  const relation = (): Run =>
    binary(
      {
        '<': (a, b) => a < b,
        '<=': (a, b) => a <= b,
        '>': (a, b) => a > b,
        '>=': (a, b) => a >= b,
        '==': (a, b) => a === b,
        '!=': (a, b) => a !== b,
        in: (a, b) => (b as NaiveValue[]).includes(a),
      },
      addition,
    )
  const addition = (): Run =>
    binary(
      { '+': (a, b) => int((a as bigint) + (b as bigint)), '-': (a, b) => int((a as bigint) - (b as bigint)) },
      multiplication,
    )
  const divided = (a: NaiveValue, b: NaiveValue, operate: (a: bigint, b: bigint) => bigint) => {
    if (b === 0n) throw new Fails('division by 0')
    return int(operate(a as bigint, b as bigint))
  }
  const multiplication = (): Run =>
    binary(
      {
        '*': (a, b) => int((a as bigint) * (b as bigint)),
        '/': (a, b) => divided(a, b, (x, y) => x / y),
        '%': (a, b) => divided(a, b, (x, y) => x % y),
      },
      unary,
    )
  const unary = (): Run => {
    if (peek() === '!') {
      next()
      const of = unary()
      return names => !of(names)
    }
    if (peek() === '-') {
      next()
      const of = unary()
      return names => int(-(of(names) as bigint))
    }
    return member()
  }
  const member = (): Run => {
    let of = primary()
    while (peek() === '.') {
      next()
      const name = next()
      if (peek() !== '(') {
        const record = of
        of = names => {
          const value = (record(names) as Names)[name]
          if (value === undefined) throw new Fails(`no ${name}`)
          return value
        }
        continue
      }
      next()
      of = method(of, name)
    }
    return of
  }
  const method = (of: Run, name: string): Run => {
    if (name === 'size') {
      want(')')
      return names => sizeOf(of(names))
    }
    if (name === 'startsWith') {
      const start = conditional()
      want(')')
      return names => (of(names) as string).startsWith(start(names) as string)
    }
    const variable = next()
    want(',')
    const body = conditional()
    want(')')
    const each = (names: Names) => (of(names) as NaiveValue[]).map(item => () => body({ ...names, [variable]: item }))
    if (name === 'exists' || name === 'all')
      return names => either(name === 'exists', each(names) as unknown as Run[])(names)
    if (name === 'map') return names => each(names).map(run => run())
    return names => {
      const kept = each(names).map(run => run())
      return (of(names) as NaiveValue[]).filter((_, i) => kept[i] === true)
    }
  }
  const primary = (): Run => {
    const token = next()
    if (token === '(') {
      const inner = conditional()
      want(')')
      return inner
    }
    if (token === '[') {
      const items: Run[] = []
      while (peek() !== ']') {
        items.push(conditional())
        if (peek() === ',') next()
      }
      next()
      return names => items.map(item => item(names))
    }
    if (token.startsWith("'")) return () => token.slice(1)
    if (/^\d/.test(token)) return () => BigInt(token)
    if (token === 'true' || token === 'false') return () => token === 'true'
    if (peek() === '(') {
      next()
      if (token === 'size') {
        const inner = conditional()
        want(')')
        return names => sizeOf(inner(names))
      }
      const variable = next()
      want('.')
      const field = next()
      want(')')
      return names => Object.hasOwn(names[variable] as object, field)
    }
    return names => names[token]!
  }
  const run = conditional()
  if (at !== tokens.length) throw new Error(`more than an expression: ${text}`)
  return run
}

function sizeOf(value: NaiveValue): bigint {
  return BigInt(typeof value === 'string' ? [...value].length : (value as NaiveValue[]).length)
}
