import { parse } from '@bufbuild/cel'
import type { Call, Macro, Tree } from './tree.ts'

/**
 * With `evaluate.ts` the one place that knows the library of CEL. It is given text that is short (§5), and what comes
 * back is a tree of ours, or nothing. A page that only reads programmes has this half, a seventh of the library.
 */

type CelNode = ReturnType<typeof parse>['expr']
type MacroCalls = NonNullable<ReturnType<typeof parse>['sourceInfo']>['macroCalls']

/** A text as the library has parsed it: for `evaluate.ts`. */
export type ParsedText = ReturnType<typeof parse>

/** What a parser of CEL finds in a text. */
export interface Parsed {
  /** Undefined where the expression has something that the profile does not. */
  readonly tree: Tree | undefined
  /** What that is. */
  readonly foreign: string
  readonly source: ParsedText
}

/** @param text - untrusted, of a bounded length. @returns the message of the parser where the text is not CEL. */
export function parseCel(text: string): Parsed | string {
  let source: ParsedText
  try {
    source = parse(text)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  const converter = new Converter(source.sourceInfo?.macroCalls ?? {})
  return { tree: converter.tree(source.expr), foreign: converter.foreign, source }
}

const CALLS: Readonly<Record<string, readonly [name: Call, operands: number]>> = {
  '!_': ['!', 1],
  '_&&_': ['&&', 2],
  '_||_': ['||', 2],
  '_+_': ['+', 2],
  '_-_': ['-', 2],
  '_*_': ['*', 2],
  '_/_': ['/', 2],
  '_%_': ['%', 2],
  '-_': ['minus', 1],
  '_<_': ['<', 2],
  '_<=_': ['<=', 2],
  '_>_': ['>', 2],
  '_>=_': ['>=', 2],
  '_==_': ['==', 2],
  '_!=_': ['!=', 2],
  '@in': ['in', 2],
  '_?_:_': ['?:', 3],
  size: ['size', 1],
  startsWith: ['startsWith', 2],
}
const MACROS: ReadonlySet<string> = new Set<Macro>(['exists', 'all', 'filter', 'map'])

/** From the library's tree to ours; `undefined` for what ours does not have. */
class Converter {
  readonly #macroCalls: MacroCalls
  foreign = ''

  constructor(macroCalls: MacroCalls) {
    this.#macroCalls = macroCalls
  }

  tree(node: CelNode | undefined): Tree | undefined {
    const kind = node?.exprKind
    switch (kind?.case) {
      case 'constExpr':
        return this.#literal(kind.value.constantKind)
      case 'identExpr':
        return { kind: 'name', name: kind.value.name }
      case 'selectExpr': {
        const of = this.tree(kind.value.operand)
        return of && { kind: kind.value.testOnly ? 'has' : 'field', of, field: kind.value.field }
      }
      case 'listExpr': {
        const items = this.#all(kind.value.elements)
        return items && { kind: 'list', items }
      }
      case 'callExpr':
        return this.#call(kind.value.function, kind.value.target, kind.value.args)
      case 'comprehensionExpr':
        return this.#macro(node!)
      default:
        return this.#none('a map or a message')
    }
  }

  #none(what: string): undefined {
    this.foreign ||= what
    return undefined
  }

  #all(nodes: readonly CelNode[]): readonly Tree[] | undefined {
    const trees = nodes.map(one => this.tree(one))
    return trees.includes(undefined) ? undefined : (trees as Tree[])
  }

  #literal(constant: { case?: string | undefined; value?: unknown }): Tree | undefined {
    const { value } = constant
    if (constant.case === 'boolValue' || constant.case === 'stringValue')
      return { kind: 'literal', value: value as boolean | string }
    if (constant.case !== 'int64Value')
      return this.#none(`a ${constant.case?.replace('Value', '') ?? 'strange'} literal`)
    const number = value as bigint
    if (BigInt.asIntN(64, number) !== number) return this.#none('an integer beyond 64 bits')
    return { kind: 'literal', value: number }
  }

  #call(name: string, target: CelNode | undefined, given: readonly CelNode[]): Tree | undefined {
    const known = CALLS[name]
    if (known === undefined || !Object.hasOwn(CALLS, name)) return this.#none(`"${name}"`)
    const [call, operands] = known
    const isMethod = target !== undefined
    if (isMethod ? call !== 'size' && call !== 'startsWith' : call === 'startsWith')
      return this.#none(`"${name}" so called`)
    const args = this.#all(isMethod ? [target, ...given] : given)
    if (args === undefined) return undefined
    const isChain = call === '&&' || call === '||'
    if (isChain ? args.length < 2 : args.length !== operands) return this.#none(`"${name}" of ${args.length}`)
    const [first] = args
    if (call === 'minus' && first?.kind === 'literal' && typeof first.value === 'bigint' && first.value >= 0n)
      return { kind: 'literal', value: -first.value }
    if (!isChain) return { kind: 'call', name: call, args }
    return {
      kind: 'call',
      name: call,
      args: args.flatMap(one => (one.kind === 'call' && one.name === call ? one.args : [one])),
    }
  }

  /** `range.all(x, body)` as the library expands it; which macro it was, it has noted. */
  #macro(node: CelNode): Tree | undefined {
    const kind = node.exprKind
    if (kind.case !== 'comprehensionExpr') return this.#none('a comprehension')
    const noted = this.#macroCalls[node.id.toString()]?.exprKind
    const { iterRange, iterVar, loopStep } = kind.value
    const step = loopStep?.exprKind
    if (noted?.case !== 'callExpr' || step?.case !== 'callExpr') return this.#none('a comprehension')
    const name = noted.value.function
    if (!MACROS.has(name) || noted.value.args.length !== 2) return this.#none(`"${name}"`)
    const [first, second] = step.value.args
    const joined = second?.exprKind
    const body =
      name === 'filter'
        ? first
        : name !== 'map'
          ? second
          : joined?.case === 'listExpr'
            ? joined.value.elements[0]
            : undefined
    const range = this.tree(iterRange)
    const tree = range && this.tree(body)
    return tree && { kind: 'macro', name: name as Macro, variable: iterVar, range, body: tree }
  }
}
