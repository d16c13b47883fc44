import { stat } from 'node:fs/promises'
import { UsageError } from '../node/failure.ts'
import { readBytes } from '../node/file-system.ts'

/** The bytes of a file that nobody else may read. @throws UsageError `file`; `key-mode` where others may. */
export async function readPrivate(path: string): Promise<Uint8Array> {
  const bytes = await readBytes(path)
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new UsageError(
      'key-mode',
      `${path} can be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
    )
  return bytes
}
