import { canonicalText, type Json, type JsonObject } from '../document/json.ts'
import { below } from '../failure.ts'

/** A place at which two documents differ: before, and after; undefined where there is nothing. */
export interface Difference {
  readonly pointer: string
  readonly before: Json | undefined
  readonly after: Json | undefined
}

/**
 * What changed from one document to another. Items of a list that have ids are compared by them, under which they stand
 * in the pointers, and their order is told apart.
 */
export function difference(before: JsonObject, after: JsonObject): Difference[] {
  return compare(before, after, '')
}

function compare(before: Json | undefined, after: Json | undefined, pointer: string): Difference[] {
  if (before !== undefined && after !== undefined) {
    if (canonicalText(before) === canonicalText(after)) return []
    const lists = idsOf(before) !== undefined && idsOf(after) !== undefined
    if (lists) return compareLists(before as readonly JsonObject[], after as readonly JsonObject[], pointer)
    if (isObject(before) && isObject(after)) {
      const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
      return names.flatMap(name => compare(own(before, name), own(after, name), below(pointer, name)))
    }
  }
  return [{ pointer, before, after }]
}

function compareLists(before: readonly JsonObject[], after: readonly JsonObject[], pointer: string): Difference[] {
  const [was, is] = [idsOf(before)!, idsOf(after)!]
  const all = [...new Set([...was, ...is])]
  const found = all.flatMap(id => compare(before[was.indexOf(id)], after[is.indexOf(id)], below(pointer, id)))
  const kept = (ids: readonly string[]) => ids.filter(id => was.includes(id) && is.includes(id))
  if (kept(was).join() !== kept(is).join()) found.push({ pointer: `${pointer} (order)`, before: was, after: is })
  return found
}

/** The ids of the items of a list; undefined where it is none, or not all have one. */
function idsOf(value: Json): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const ids = value.map((one: Json) => (isObject(one) && typeof one['id'] === 'string' ? one['id'] : undefined))
  return ids.includes(undefined) ? undefined : (ids as string[])
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && !Array.isArray(value)
}

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
