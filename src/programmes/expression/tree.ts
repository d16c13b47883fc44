/** An expression as a tree, no matter who parsed it. docs/programmes.md §5. */
export type Tree =
  | { readonly kind: 'literal'; readonly value: boolean | bigint | string }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'field'; readonly of: Tree; readonly field: string }
  | { readonly kind: 'has'; readonly of: Tree; readonly field: string }
  | { readonly kind: 'call'; readonly name: Call; readonly args: readonly Tree[] }
  | {
      readonly kind: 'macro'
      readonly name: Macro
      readonly variable: string
      readonly range: Tree
      readonly body: Tree
    }

/** Operators and functions. `&&` and `||` have two operands or more: a chain is one call. */
export type Call =
  | '!'
  | '&&'
  | '||'
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | 'minus'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | 'in'
  | '?:'
  | 'size'
  | 'startsWith'
export type Macro = 'exists' | 'all' | 'filter' | 'map'

/** What an expression gives. */
export type Value = boolean | bigint | string | readonly Value[] | ReadonlyMap<string, Value>

export type Scalar = 'bool' | 'int' | 'text'
export interface RecordField {
  readonly type: Type
  readonly isOptional: boolean
}
export interface RecordType {
  readonly fields: Readonly<Record<string, RecordField>>
  /** Their names in order; and of those that are always there. */
  readonly names: readonly string[]
  readonly required: readonly string[]
}
/** A list, and how many items it can have. */
type ListType = { readonly items: Scalar | RecordType; readonly most: number }
export type Type = Scalar | ListType | RecordType

/** A record of these fields. */
export function recordOf(fields: Readonly<Record<string, RecordField>>): RecordType {
  const names = Object.keys(fields).sort()
  return { fields, names, required: names.filter(name => !fields[name]!.isOptional) }
}

/** How a type is called in messages. */
export function typeName(type: Type): string {
  if (typeof type === 'string') return type
  if ('fields' in type) return 'record'
  return `list of ${typeName(type.items)}`
}
