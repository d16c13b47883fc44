import { UsageError } from '../node/failure.ts'

/** How an object is written. */
export interface WriteOptions {
  /** Whether it is for its owner alone. */
  readonly isPrivate?: boolean
  /** Whether it never changes: caches may keep it for ever. */
  readonly isFinal?: boolean
}

/**
 * Files by their paths, with `/` between the parts: in a folder of this machine, or in a bucket of a store that speaks
 * the protocol of S3. Each is written whole or not at all.
 */
export interface Objects {
  /** For people. */
  readonly name: string
  /** The bytes; undefined where there is nothing of that path. @throws UsageError `file`, `bucket`. */
  read(path: string): Promise<Uint8Array | undefined>
  has(path: string): Promise<boolean>
  /**
   * Writes bytes in the place of those that this process found there.
   *
   * @throws ObjectChangedError where a bucket shows that another process wrote there since; UsageError `file`,
   * `bucket`.
   */
  write(path: string, bytes: Uint8Array | string, options?: WriteOptions): Promise<void>
  /**
   * Writes bytes where nothing is: of several that do it at once, one does.
   *
   * @returns whether it was this one.
   * @throws UsageError `file`; `bucket`, also where the store cannot tell.
   */
  writeNew(path: string, bytes: Uint8Array | string): Promise<boolean>
  /** Paths of all that is below a folder, in no order; none where there is none. */
  list(folder: string): Promise<string[]>
  /** Removes what is there, if anything is. */
  remove(path: string): Promise<void>
  /**
   * Does work that reads and then writes, as if no other process did such work at the same time: a folder is locked. A
   * bucket has no locks: where another process wrote what was read here, the work is done again from its beginning.
   *
   * @throws UsageError `state` where others are in the way for too long; whatever `work` throws.
   */
  alone<T>(work: () => Promise<T>): Promise<T>
}

/** Another process wrote an object after it was read here. */
export class ObjectChangedError extends UsageError {
  constructor(name: string, path: string) {
    super('state', `Another process wrote ${path} in ${name} at the same time. Try again.`)
  }
}

/** The bytes of an object that has to be there. @throws UsageError `file` where it is not; as `read`. */
export async function readObject(from: Objects, path: string): Promise<Uint8Array> {
  const bytes = await from.read(path)
  if (bytes === undefined) throw new UsageError('file', `${path} is not in ${from.name}.`)
  return bytes
}

/** How a place in a bucket is named, such as `s3://shop-points/ledger`. */
const BUCKET = 's3://'

/** Whether a place is in a bucket, and no folder of this machine. */
export function isBucket(place: string): boolean {
  return place.startsWith(BUCKET)
}
