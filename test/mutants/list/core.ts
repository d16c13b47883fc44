import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about bytes: forms, messages, trees and signatures. */
export const CORE: readonly Mutant[] = [
  ...mistakes('core/entry/fields.ts', [
    'if (keys.some((key, i) => keys.some((other, n) => n < i && equalBytes(key, other))))',
    'if (keys.length > max)',
    'one key is two root keys, or two recovery keys',
  ]),
  ...mistakes(
    'core/entry/transaction-forms.ts',
    ['need: uint(ROOTS_MAX, 1),', 'need: uint(ROOTS_MAX),', 'no root key is needed'],
    [
      'genesis: ({ roots, need }) => (need <= roots.length ? undefined :',
      'genesis: ({ roots, need }) => (need <= roots.length + 4 ? undefined :',
      'more root keys are needed than there are',
    ],
    ['skewMs: uint(SKEW_MS_MAX, SKEW_MS_MIN),', 'skewMs: timeMs,', 'the skew has no bounds'],
    ['beatMs: uint(BEAT_MS_MAX, BEAT_MS_MIN),', 'beatMs: timeMs,', 'the beat has no bounds'],
    ['promiseMs: uint(PROMISE_MS_MAX, PROMISE_MS_MIN),', 'promiseMs: timeMs,', 'a promise has no bounds'],
    [
      "if (backdateMs > 0 && role !== 'issuer' && role !== 'registrar' && role !== 'treasurer')",
      'if (backdateMs > TIME_MS_MAX)',
      'any key reaches into the past',
    ],
    [
      "return succeeds === null || role === 'custodian' ? undefined :",
      "return succeeds === null || role !== 'root' ? undefined :",
      'any key succeeds another',
    ],
    [
      "if ((role === 'issuer' || role === 'merchant') !== scope.length > 0)",
      "if (role === 'issuer' && scope.length === 0)",
      'any key has a scope',
    ],
    [
      'if (holdMaxMs > (windowMs === 0 ? HOLD_MS_MAX : windowMs))',
      'if (holdMaxMs > (windowMs === 0 ? HOLD_MS_MAX : TIME_MS_MAX))',
      'a hold outlives the window',
    ],
    [
      'if (holdMaxMs > (windowMs === 0 ? HOLD_MS_MAX : windowMs))',
      'if (holdMaxMs > (windowMs === 0 ? TIME_MS_MAX : windowMs))',
      'a hold stands for more than a year',
    ],
    [
      'return DAY_QUARTERS % grain === 0 ? undefined :',
      'return DAY_QUARTERS >= grain ? undefined :',
      'the grain divides no day',
    ],
    ['takeoverMs: uint(TIME_MS_MAX, TAKEOVER_MS_MIN),', 'takeoverMs: timeMs,', 'a takeover takes no time'],
    ['custody: uint(15),', 'custody: uint(255),', 'custody has bits that there are not'],
    ['offset: uint(OFFSET_MAX),', 'offset: uint(255),', 'days begin more than 14 hours from UTC'],
    ["? 'an account stays under an owner key, a custodian, or both'", '? undefined', 'an account comes under nobody'],
    [
      'return expires === 0 || expires > matures ? undefined :',
      'return expires === 0 || expires >= matures ? undefined :',
      'points expire as they mature',
    ],
    [
      "'set-budget': ({ from, until }) => (until === 0 || until > from ? undefined :",
      "'set-budget': ({ from, until }) => (until === 0 || until >= from ? undefined :",
      'a budget closes as it opens',
    ],
    [
      'hold: ({ until }) => (until > 0 ? undefined :',
      'hold: ({ until }) => (until >= 0 ? undefined :',
      'a hold has no end',
    ],
    ['strand: uint(1) },', 'strand: uint(255) },', 'to strand accounts is any number'],
  ),
  ...mistakes(
    'core/entry/transaction.ts',
    [
      '    if (!isPublicKey(key)) throw new FormatError',
      '    if (key.length !== 32) throw new FormatError',
      'a key that cannot sign is taken',
    ],
    [
      '      return [...(tx.owner === null ? [] : [tx.owner]), ...(tx.recovery?.keys ?? [])]',
      '      return tx.owner === null ? [] : [tx.owner]',
      'recovery keys are not looked at',
    ],
    [
      "    case 'recover':\n      return [tx.key]",
      "      return [tx.key]\n    case 'recover':\n      return NO_KEYS",
      'the key of a recovery is not looked at',
    ],
  ),
  ...mistakes(
    'core/entry/batch.ts',
    [
      "utf8Encode('tallystick/batch/v1\\0')",
      "utf8Encode('tallystick/batch/v1 ')",
      'the label of the message ends in a space',
    ],
    [
      '  message[SIGNERS_AT - 1] = signers\n',
      '  message[SIGNERS_AT - 1] = 1\n',
      'the message has no number of signers',
    ],
    ['  message[at] = signerClass\n', '', 'the message has no classes of signers'],
    ['  putU32(message, at + 1, number)\n', '', 'the message has no numbers of signers'],
    ['  at = putU16(message, at, groups.length)\n', '', 'the count stands where groups are counted'],
    [
      'putBytes(areAllAccepted(statuses) ? NO_BYTES : statuses)',
      'putBytes(statuses)',
      'statuses are always spelled out',
    ],
    [
      "  if (areAllAccepted(statuses)) throw new FormatError('batch', 'statuses that are all 0 are left out')\n",
      '',
      'statuses that are all 0 have two forms',
    ],
    [
      'const unknown = statuses.find(status => status >= OUTCOMES.length)',
      'const unknown = statuses.find(status => status > OUTCOMES.length)',
      'there is a status more than there is',
    ],
    [
      '  const groups = readGroups(reader)\n',
      '  readGroups(reader)\n  const groups = NO_GROUPS\n',
      'groups are not looked at',
    ],
    [
      "  if (fields !== 7) throw new FormatError('batch'",
      "  if (fields < 7) throw new FormatError('batch'",
      'a batch has more fields',
    ],
    [
      "return reader.uint(SIGNER_MAX, 'signer class')",
      "return reader.uint(255, 'signer class')",
      'there are more classes of signers',
    ],
    [
      'if (a.class > b.class || (a.class === b.class && a.number >= b.number))',
      'if (a.class > b.class || (a.class === b.class && a.number > b.number))',
      'one signs twice',
    ],
  ),
  ...mistakes('core/entry/seal.ts', [
    '  if (version !== RULES_VERSION)\n',
    '  if (version > 255)\n',
    'a seal of other rules is read by these',
  ]),
  ...mistakes(
    'core/tree/ssz.ts',
    [
      'return pairHash(merkleize(chunks, depth - 2), chunkUint(length))',
      'return pairHash(merkleize(chunks, depth), chunkUint(length))',
      'packed lists are as deep as others',
    ],
    ['view.setBigUint64(8, value >> 64n, true)', 'view.setBigUint64(8, 0n, true)', 'totals end at 2^64'],
    ['view.setUint32(4, Math.floor(value / 2 ** 32), true)', 'view.setUint32(4, 0, true)', 'numbers end at 2^32'],
  ),
  ...mistakes(
    'core/crypto/ed25519.ts',
    [
      'return bytes.length === 32 && isCanonical(bytes, 0) && !isSmallOrder(bytes, 0) && hasPoint(bytes)',
      'return bytes.length === 32 && isCanonical(bytes, 0) && !isSmallOrder(bytes, 0)',
      'a key that is no point is taken',
    ],
    [
      'return bytes.length === 32 && isCanonical(bytes, 0) && !isSmallOrder(bytes, 0) && hasPoint(bytes)',
      'return bytes.length === 32 && isCanonical(bytes, 0) && hasPoint(bytes)',
      'a key of small order is taken',
    ],
    ['  if (!isBelowOrder(signature, 32)) return false\n', '', 'a signature has two forms'],
    [
      '  if (isSmallOrder(publicKey, 0) || isSmallOrder(signature, 0)) return false\n',
      '',
      'keys of small order sign anything',
    ],
    [
      'return bytes.length === 32 && isCanonical(bytes, 0) && !isSmallOrder(bytes, 0) && hasPoint(bytes)',
      'return bytes.length === 32 && !isSmallOrder(bytes, 0) && hasPoint(bytes)',
      'a key of another encoding is taken',
    ],
  ),
  ...mistakes('core/entry/fields.ts', [
    'if (accounts.some((account, i) => i > 0 && account <= accounts[i - 1]!))',
    'if (accounts.some((account, i) => i > 0 && account < accounts[i - 1]!))',
    'a scope names an account twice',
  ]),
  ...mistakes('core/entry/recovery-terms.ts', [
    'need: uint(keys.length, 1).read(reader',
    'need: uint(RECOVERY_KEYS_MAX, 1).read(reader',
    'more recovery keys are needed than there are',
  ]),
]
