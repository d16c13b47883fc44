import type { SigningKey } from '../../../client/key.ts'
import { makeEntry } from '../../../client/make.ts'
import { RECOVERY_KEYS_MAX } from '../../../core/limits.ts'
import { isKeyFile, parseKeyFile, seedOf } from './key-file.ts'
import type { SendResult } from './messages.ts'
import type { OwnSending } from './own-sending.ts'
import { OwnError, type OwnWallet } from './own-wallet.ts'

/**
 * Begins a recovery with recovery keys, or ends it with them when the time for a veto is over. Which place a key has in
 * the terms of the account, only its statement says, which nobody but its owner is shown: so places are tried, and a
 * wrong one is refused and changes nothing.
 *
 * @param files - untrusted: the card, the recovery keys, and the policy where she has one.
 * @param newKey - untrusted: the key file of the owner to come; undefined to put it in place.
 * @throws OwnError `card-missing`, `recovery-keys`, `key-locked`; FormatError.
 */
export async function recover(
  wallet: OwnWallet,
  sending: OwnSending,
  files: readonly Uint8Array[],
  { newKey, passphrase }: { readonly newKey: Uint8Array | undefined; readonly passphrase: string | undefined },
): Promise<SendResult> {
  const keys = files.filter(isKeyFile).map(parseKeyFile)
  if (keys.length === 0 || keys.length > RECOVERY_KEYS_MAX)
    throw new OwnError('recovery-keys', 'it takes the recovery keys of the account, up to four')
  const seeds = await Promise.all(keys.map(key => seedOf(key, passphrase)))
  const account = await wallet.open(
    files.filter(file => !isKeyFile(file)),
    undefined,
    undefined,
  )
  const made =
    newKey === undefined
      ? makeEntry('finish-recovery', { account })
      : makeEntry('recover', { account, key: parseKeyFile(newKey).publicKey })
  let last: SendResult | undefined
  for (const places of placesOf(seeds.length)) {
    const signers = seeds.map((seed, i): SigningKey => ({ holder: { account, recovery: places[i]! }, seed }))
    last = await sending.sendWith(signers, made, last !== undefined)
    const isWrongPlace = last.became === 'turned-away' && /^sign(?:er|ature)-/.test(last.code)
    if (!isWrongPlace) return last
  }
  return last!
}

/** Every way to give so many keys different places. */
function placesOf(count: number): number[][] {
  if (count === 0) return [[]]
  const places = Array.from({ length: RECOVERY_KEYS_MAX }, (_, i) => i)
  return placesOf(count - 1).flatMap(before =>
    places.filter(place => !before.includes(place)).map(place => [...before, place]),
  )
}
