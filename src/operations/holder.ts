import { readFile, stat } from 'node:fs/promises'
import { concatBytes, toHex, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'

/**
 * A name for a data directory in this run of the machine: another for a copy of it, and another after the machine was
 * started again. Undefined where the system does not tell. What is in the name nobody can tell from it.
 */
export async function holderOf(data: string): Promise<string | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    const { dev, ino } = await stat(data, { bigint: true })
    const digest = engine().sha256(concatBytes(utf8Encode(`tallystick/lease/v1\0${boot.trim()}\0${dev}\0${ino}`)))
    return toHex(digest).slice(0, 32)
  } catch {
    return undefined
  }
}
