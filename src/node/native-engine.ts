import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import { type Engine, hashEach, portableEngine, type Signer } from '../core/crypto/engine.ts'
import { CodedError } from '../core/failure.ts'
import { lanesHasher } from './sha256-lanes.ts'

/** DER before the raw bytes of an Ed25519 public key (SPKI) and seed (PKCS #8). RFC 8410 §4, §7. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

const nodeSha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/** Node's own cryptography: what there is where no native package can be loaded. */
export const nodeEngine: Engine = {
  name: 'node:crypto',
  sha256: nodeSha256,
  hashMany: hashEach(nodeSha256),
  hashPairs(pairs, output) {
    for (let i = 0, o = 0; i < pairs.length; i += 64, o += 32)
      output.set(hash('sha256', pairs.subarray(i, i + 64), 'buffer'), o)
  },
  verify(publicKey, message, signature) {
    const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' })
    return verify(null, message, key, signature)
  },
  signer: {
    publicKey: seed =>
      new Uint8Array(createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(SPKI.length)),
    sign: (seed, message) => new Uint8Array(sign(null, message, privateKey(seed))),
  },
}

function privateKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
}

/** What this room needs of sodium-native, which brings no types. */
interface Sodium {
  crypto_hash_sha256(output: Uint8Array, input: Uint8Array): void
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
}

function sodiumEngine(sodium: Sodium): Pick<Engine, 'sha256' | 'verify' | 'signer'> {
  // What native code is handed gets memory outside the heap, which costs as much as hashing: so it is handed the same
  // always.
  const output = new Uint8Array(new ArrayBuffer(32))
  return {
    sha256(bytes) {
      sodium.crypto_hash_sha256(output, bytes)
      return output.slice()
    },
    verify: (publicKey, message, signature) => sodium.crypto_sign_verify_detached(signature, message, publicKey),
    signer: sodiumSigner(sodium),
  }
}

function sodiumSigner(sodium: Sodium): Signer {
  const lastSeed = new Uint8Array(32)
  const [lastPublicKey, lastSecretKey] = [new Uint8Array(32), new Uint8Array(64)]
  sodium.crypto_sign_seed_keypair(lastPublicKey, lastSecretKey, lastSeed)
  return {
    publicKey(seed) {
      const [publicKey, secretKey] = [new Uint8Array(32), new Uint8Array(64)]
      sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed)
      secretKey.fill(0)
      return publicKey
    },
    sign(seed, message) {
      // Those who sign a lot sign with one key: what is made of its seed costs as much as a signature.
      if (Buffer.compare(lastSeed, seed) !== 0) {
        sodium.crypto_sign_seed_keypair(lastPublicKey, lastSecretKey, seed)
        lastSeed.set(seed)
      }
      const signature = new Uint8Array(64)
      sodium.crypto_sign_detached(signature, message, lastSecretKey)
      return signature
    },
  }
}

/**
 * The fastest engine that this machine can load, each part on its own: sodium-native for single hashes and signatures,
 * @chainsafe/hashtree for pairs, WebAssembly vectors for many messages at once, node:crypto for what is missing.
 * `TALLY_ENGINE=portable|node|native` asks for one.
 *
 * @throws CodedError `engine` when another is asked for.
 */
export async function loadEngine(wanted: string | undefined = process.env['TALLY_ENGINE']): Promise<Engine> {
  if (wanted === 'portable') return portableEngine
  if (wanted === 'node') return nodeEngine
  if (wanted !== undefined && wanted !== '' && wanted !== 'native')
    throw new EngineError('engine', `TALLY_ENGINE is portable, node or native, not "${wanted}"`)
  const sodium = await load<Sodium>('sodium-native')
  const hashtree = await load<{ hashInto(input: Uint8Array, output: Uint8Array): void }>('@chainsafe/hashtree')
  const single = { ...nodeEngine, ...(sodium === undefined ? {} : sodiumEngine(sodium)) }
  const lanes = lanesHasher(hashEach(single.sha256))
  const name = [
    sodium && 'sodium-native',
    hashtree && 'hashtree',
    lanes && 'lanes',
    !(sodium && hashtree) && 'node:crypto',
  ].filter(Boolean)
  return {
    ...single,
    ...(lanes === undefined ? {} : { hashMany: lanes }),
    ...(hashtree === undefined ? {} : { hashPairs: pairsWith(hashtree.hashInto) }),
    name: name.join(' + '),
  }
}

class EngineError extends CodedError {
  override readonly name = 'EngineError'
}

function pairsWith(hashInto: (input: Uint8Array, output: Uint8Array) => void): Engine['hashPairs'] {
  return (pairs, output) => {
    if (pairs.length > 0) hashInto(pairs, output)
  }
}

/** A native package, or undefined where its binary does not load. */
async function load<T>(name: string): Promise<T | undefined> {
  try {
    return ((await import(name)) as { default: T }).default
  } catch {
    return undefined
  }
}
