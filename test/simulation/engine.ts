import type { Engine } from '../../src/core/crypto/engine.ts'
import { toLatin1 } from './latin1.ts'

/** How many answers are remembered, before they are forgotten. */
const MOST = 20_000

/**
 * An engine that does not verify twice what it verified before, as a signature holds or it does not: a world has the
 * ledger, its follower, its clients and its auditors in one process, and each of them looks.
 */
export function remembering(engine: Engine): Engine {
  const held = new Map<string, boolean>()
  return {
    ...engine,
    verify: (publicKey, message, signature) =>
      known(held, `${toLatin1(signature)}${toLatin1(publicKey)}${toLatin1(message)}`, () =>
        engine.verify(publicKey, message, signature),
      ),
  }
}

function known(map: Map<string, boolean>, name: string, find: () => boolean): boolean {
  const before = map.get(name)
  if (before !== undefined) return before
  if (map.size >= MOST) map.clear()
  const found = find()
  map.set(name, found)
  return found
}
