import { CelScalar, celEnv, celFunc, celList, isCelError, isCelList, listType, plan } from '@bufbuild/cel'
import { PointerError } from '../failure.ts'
import type { Expression } from './profile.ts'
import type { Value } from './tree.ts'

const LIST = listType(CelScalar.DYN)

/**
 * The library joins lists by reference, so that a list made by `filter` is as deep as it is long. Joined by value they
 * are flat. Lists are joined only by the macros that make them: `+` of lists is not in the profile.
 */
const ENVIRONMENT = celEnv({ funcs: [celFunc('_+_', [LIST, LIST], LIST, (a, b) => celList([...a, ...b]))] })

type ExpressionPlan = ReturnType<typeof plan>

/** An expression is planned when it is evaluated first. */
const PLANS = new WeakMap<Expression, ExpressionPlan>()

/** What an expression gives. @throws PointerError `event-value` where it fails. */
export function evaluateExpression(expression: Expression, variables: Readonly<Record<string, Value>>): Value {
  let run = PLANS.get(expression)
  if (run === undefined) {
    run = plan(ENVIRONMENT, expression.source)
    PLANS.set(expression, run)
  }
  const found = run(variables as Parameters<ExpressionPlan>[0])
  const value = isCelError(found) ? undefined : valueFrom(found)
  if (value === undefined)
    throw new PointerError('event-value', expression.pointer, `"${expression.text}" fails on this event`)
  return value
}

function valueFrom(found: unknown): Value | undefined {
  if (typeof found === 'boolean' || typeof found === 'bigint' || typeof found === 'string') return found
  if (!isCelList(found)) return undefined
  const items: Value[] = []
  for (const item of found) {
    const value = valueFrom(item)
    if (value === undefined) return undefined
    items.push(value)
  }
  return items
}
