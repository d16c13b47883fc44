import { utf8Encode } from '../../core/bytes.ts'
import { PointerError } from '../failure.ts'
import { EXPRESSION_BRACKETS_MAX, EXPRESSION_BYTES_MAX, EXPRESSION_COST_MAX, EXPRESSION_DEPTH_MAX } from '../limits.ts'
import { type ParsedText, parseCel } from './cel.ts'
import { type Scalar, type Tree, type Type, typeName } from './tree.ts'

/** An expression of the profile. docs/programmes.md §5. `evaluateExpression` says what it gives. */
export interface Expression {
  readonly text: string
  /** Where it stands in its document. */
  readonly pointer: string
  readonly tree: Tree
  readonly type: Type
  /** What evaluating it takes, at most. */
  readonly cost: number
  readonly source: ParsedText
}

/** What names stand for, outside of macros. */
export type Variables = Readonly<Record<string, Type>>

/**
 * The expression that a text is.
 *
 * @param text - untrusted. @param pointer - where it stands. @param variables - what it may name.
 * @throws PointerError `expression-size`, `expression` (not CEL, outside of the profile, of wrong types),
 * `expression-depth`, `expression-cost`.
 */
export function parseExpression(text: string, pointer: string, variables: Variables): Expression {
  if (text.length > EXPRESSION_BYTES_MAX || utf8Encode(text).length > EXPRESSION_BYTES_MAX)
    throw new PointerError('expression-size', pointer, `more than ${EXPRESSION_BYTES_MAX} bytes`)
  if (bracketsOf(text) > EXPRESSION_BRACKETS_MAX)
    throw new PointerError('expression-depth', pointer, `brackets nested more than ${EXPRESSION_BRACKETS_MAX} deep`)
  const parsed = parseCel(text)
  if (typeof parsed === 'string') throw new PointerError('expression', pointer, `not CEL: ${parsed.slice(0, 200)}`)
  const { tree, foreign, source } = parsed
  if (tree === undefined) throw new PointerError('expression', pointer, `${foreign} is outside of the profile`)
  const { type, depth, cost } = new Typer(pointer).of(tree, variables)
  if (depth > EXPRESSION_DEPTH_MAX)
    throw new PointerError('expression-depth', pointer, `${depth} levels, and ${EXPRESSION_DEPTH_MAX} are the most`)
  if (cost > EXPRESSION_COST_MAX)
    throw new PointerError('expression-cost', pointer, `a cost of ${cost}, and ${EXPRESSION_COST_MAX} is the most`)
  return { text, pointer, tree, type, cost, source }
}

/** How deep brackets nest, counted before anything is parsed. */
function bracketsOf(text: string): number {
  let [depth, deepest] = [0, 0]
  for (const character of text) {
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

interface Typed {
  readonly type: Type
  readonly depth: number
  readonly cost: number
}

class Typer {
  readonly #pointer: string

  constructor(pointer: string) {
    this.#pointer = pointer
  }

  of(tree: Tree, names: Variables): Typed {
    switch (tree.kind) {
      case 'literal':
        return { type: scalarOf(tree.value), depth: 1, cost: 1 }
      case 'name':
        if (!Object.hasOwn(names, tree.name)) throw this.#wrong(`there is no "${tree.name}"`)
        return { type: names[tree.name]!, depth: 1, cost: 1 }
      case 'field':
      case 'has':
        return this.#field(tree, names)
      case 'list': {
        if (tree.items.length === 0) throw this.#wrong('a list of nothing has no type')
        const items = tree.items.map(item => this.of(item, names))
        const [first] = items
        if (tree.items.some(({ kind }) => kind !== 'literal')) throw this.#wrong('a list has literals only')
        if (items.some(({ type }) => type !== first!.type)) throw this.#wrong('a list has items of one type')
        return { type: { items: first!.type as Scalar, most: items.length }, depth: 2, cost: 1 + items.length }
      }
      case 'call':
        return this.#call(tree, names)
      case 'macro':
        return this.#macro(tree, names)
    }
  }

  #wrong(what: string): PointerError {
    return new PointerError('expression', this.#pointer, what)
  }

  #field(tree: Tree & { kind: 'field' | 'has' }, names: Variables): Typed {
    const of = this.of(tree.of, names)
    if (typeof of.type === 'string' || !('fields' in of.type)) throw this.#wrong(`a ${typeName(of.type)} has no fields`)
    const { fields } = of.type
    if (!Object.hasOwn(fields, tree.field)) throw this.#wrong(`there is no field "${tree.field}"`)
    const { type, isOptional } = fields[tree.field]!
    if (tree.kind === 'has' && !isOptional) throw this.#wrong(`the field "${tree.field}" is always there`)
    return { type: tree.kind === 'has' ? 'bool' : type, depth: of.depth + 1, cost: of.cost + 1 }
  }

  #call({ name, args }: Tree & { kind: 'call' }, names: Variables): Typed {
    const typed = args.map(arg => this.of(arg, names))
    const type = this.#result(
      name,
      typed.map(one => one.type),
    )
    const list = name === 'in' ? typed[1]!.type : undefined
    const searched = typeof list === 'object' && 'items' in list ? list.most : 0
    return {
      type,
      depth: 1 + Math.max(...typed.map(one => one.depth)),
      cost: 1 + searched + typed.reduce((sum, one) => sum + one.cost, 0),
    }
  }

  #result(name: (Tree & { kind: 'call' })['name'], types: readonly Type[]): Type {
    const [a, b, c] = types as [Type, Type, Type]
    const all = (wanted: Scalar) => types.every(type => type === wanted)
    switch (name) {
      case '!':
      case '&&':
      case '||':
        if (all('bool')) return 'bool'
        break
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case 'minus':
        if (all('int')) return 'int'
        break
      case '<':
      case '<=':
      case '>':
      case '>=':
        if (all('int')) return 'bool'
        break
      case '==':
      case '!=':
        if (isScalar(a) && a === b) return 'bool'
        break
      case 'in':
        if ((a === 'int' || a === 'text') && typeof b === 'object' && 'items' in b && b.items === a) return 'bool'
        break
      case '?:':
        if (a === 'bool' && isScalar(b) && b === c) return b
        break
      case 'size':
        if (a === 'text' || (typeof a === 'object' && 'items' in a)) return 'int'
        break
      case 'startsWith':
        if (all('text')) return 'bool'
    }
    throw this.#wrong(`"${name}" is not for ${types.map(typeName).join(' and ')}`)
  }

  #macro({ name, variable, range, body }: Tree & { kind: 'macro' }, names: Variables): Typed {
    const list = this.of(range, names)
    if (typeof list.type === 'string' || !('items' in list.type))
      throw this.#wrong(`"${name}" is for a list, not for ${typeName(list.type)}`)
    const { items, most } = list.type
    const inner = this.of(body, { ...names, [variable]: items })
    if (name !== 'map' && inner.type !== 'bool')
      throw this.#wrong(`"${name}" asks for bool, not ${typeName(inner.type)}`)
    if (name === 'map' && !isScalar(inner.type))
      throw this.#wrong(`"map" makes bool, int or text, not ${typeName(inner.type)}`)
    const type: Type = name === 'map' ? { items: inner.type as Scalar, most } : name === 'filter' ? list.type : 'bool'
    return { type, depth: 1 + Math.max(list.depth, inner.depth), cost: 1 + list.cost + most * inner.cost }
  }
}

function scalarOf(value: boolean | bigint | string): Scalar {
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'int' : 'text'
}

function isScalar(type: Type): type is Scalar {
  return typeof type === 'string'
}
