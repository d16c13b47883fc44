import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { UsageError } from '../../node/failure.ts'

/** Cost of one guess: 64 MiB, and a few tenths of a second of one core. RFC 7914. */
const COST = { N: 65_536, r: 8, p: 1 } as const
const HASH_BYTES = 32
/** Characters at least, and bytes at most. */
const LEAST = 10
const BYTES_MAX = 1024
/** The rule of passwords, in words. */
export const PASSWORD_RULE = `a password has at least ${LEAST} characters, and at most ${BYTES_MAX} bytes`

/** A password that nobody has to think of: 15 characters of 32, 75 bits. */
export function makePassword(): string {
  const letters = [...randomBytes(15)].map(byte => 'abcdefghjkmnpqrstuvwxyz023456789'[byte % 32])
  return letters.join('').replace(/.{5}(?=.)/g, '$&-')
}

/** Whether a text can be a password. @param text - untrusted. */
export function isPasswordForm(text: string): boolean {
  return [...text].length >= LEAST && Buffer.byteLength(text) <= BYTES_MAX
}

/** What is kept of a password: parameters, salt and hash of scrypt. @throws UsageError `password`. */
export async function keptOf(password: string): Promise<string> {
  if (!isPasswordForm(password)) throw new UsageError('password', `${PASSWORD_RULE.replace('a', 'A')}.`)
  const salt = randomBytes(16)
  const hash = await hashed(password, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/**
 * Whether a password is the one of which `kept` is kept. It takes as long where nothing is kept, so that nobody learns
 * who there is.
 *
 * @param password - untrusted.
 */
export async function isPassword(password: string, kept: string | undefined): Promise<boolean> {
  const [, N, r, p, salt, hash] = (kept ?? NOBODY).split('$')
  const found = await hashed(password, Buffer.from(salt!, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) })
  return timingSafeEqual(found, Buffer.from(hash!, 'base64url')) && kept !== undefined
}

/** Kept of no password. */
const NOBODY = [
  'scrypt',
  COST.N,
  COST.r,
  COST.p,
  'AAAAAAAAAAAAAAAAAAAAAA',
  Buffer.alloc(32).toString('base64url'),
].join('$')

/** Guesses are tried one after another: many at once would take all of the machine's memory. */
let last: Promise<unknown> = Promise.resolve()

function hashed(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  const text = password.normalize('NFKC')
  const next = last.then(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        scrypt(text, salt, HASH_BYTES, { ...cost, maxmem: 256 * 1024 * 1024 }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        )
      }),
  )
  last = next.catch(() => {})
  return next
}
