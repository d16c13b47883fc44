import { parseDecimal, utf8Decode } from '../bytes.ts'
import { FormatError, VerifyError } from '../failure.ts'
import { verifyInclusion } from '../tree/merkle.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import {
  COSIGNATURE_KEY,
  ED25519_KEY,
  formatVerifierKey,
  isUnderstood,
  parseAnyKey,
  parseNote,
  sameKey,
  type VerifierKey,
  verifyNote,
} from './note.ts'
import { isTestOrigin } from './test-origin.ts'

/**
 * Whom a verifier trusts (c2sp.org/tlog-policy): logs, witnesses, and how many of those must have cosigned. Keys of one
 * origin may be several, and any of them signs for the log. Keys of a type that is not understood here are in it, and
 * count for nothing.
 */
export interface Policy {
  readonly logs: readonly { readonly key: VerifierKey; readonly url?: string }[]
  readonly witnesses: readonly { readonly name: string; readonly key: VerifierKey; readonly url?: string }[]
  readonly groups: readonly { readonly name: string; readonly threshold: number; readonly members: readonly string[] }[]
  /** Name of a witness or group, or 'none'. */
  readonly quorum: string
}

/**
 * Whether all logs of a policy are of test ledgers: then no time that they state is held against a clock (SPEC §3).
 * Nothing that a log serves has a say in it.
 */
export function isTestPolicy({ logs }: Pick<Policy, 'logs'>): boolean {
  return logs.length > 0 && logs.every(({ key }) => isTestOrigin(key.name))
}

export const POLICY_BYTES_MAX = 64 * 1024
export const POLICY_NAMES_MAX = 256

/**
 * The policy that a tlog-policy file holds.
 *
 * @param bytes - the file.
 * @throws FormatError `policy`, its message naming the line.
 */
export function parsePolicy(bytes: Uint8Array): Policy {
  if (bytes.length > POLICY_BYTES_MAX) throw new FormatError('policy', `a policy has at most ${POLICY_BYTES_MAX} bytes`)
  const draft: PolicyDraft = {
    logs: [],
    witnesses: [],
    groups: [],
    names: new Set(['none']),
    members: new Set(),
    quorum: undefined,
  }
  const text = utf8Decode(bytes)
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text))
    throw new FormatError('policy', 'a policy has no control characters')
  text.split('\n').forEach((line, i) => {
    const words = line.split(/[ \t]+/).filter(word => word !== '')
    if (words.length === 0 || words[0]!.startsWith('#')) return
    try {
      readLine(draft, words)
    } catch (error) {
      throw new FormatError('policy', `line ${i + 1} of the policy: ${(error as Error).message}`, { cause: error })
    }
  })
  const { logs, witnesses, groups, quorum } = draft
  if (quorum === undefined) throw new FormatError('policy', 'a policy has one quorum line, such as "quorum none"')
  const policy = { logs, witnesses, groups, quorum }
  checkUnderstood(policy)
  checkParties(policy)
  return policy
}

/** Refuses a policy that nothing could satisfy here, as it takes a key of a type that is not understood. */
function checkUnderstood(policy: Policy): void {
  const { logs, witnesses } = policy
  const isLogs = ({ key }: Policy['logs'][number]) => key.type === ED25519_KEY
  const unknown = logs.find(log => !isLogs(log)) ?? witnesses.find(({ key }) => !isUnderstood(key))
  if (unknown === undefined) return
  const type = `0x${unknown.key.type.toString(16).padStart(2, '0')}`
  const known = witnesses.filter(({ key }) => isUnderstood(key)).map(({ name }) => name)
  if (!hasQuorum(policy, known))
    throw fail(`the quorum takes a witness whose key is of a type that is not understood here, such as ${type}`)
  if (logs.length > 0 && !logs.some(isLogs))
    throw fail(`no log has a key of a type that is understood here, and one is of ${type}`)
}

/**
 * Refuses a policy by which one party could count twice: a log as its own witness, or a witness of two keys as two. Two
 * keys of one name are one party's, such as its old and its new one, and stand in one group that asks for one.
 */
function checkParties({ logs, witnesses, groups }: Policy): void {
  for (const { name, key } of witnesses) {
    const own = logs.find(log => sameKey(log.key, key) || log.key.name === key.name)
    if (own !== undefined)
      throw fail(
        `the witness "${name}" has the key or the name of the log "${own.key.name}": it would vouch for itself`,
      )
    const groupOf = (one: string) => groups.find(({ members }) => members.includes(one))
    const others = witnesses.filter(one => one.key.name === key.name && one.name !== name)
    const twin = others.find(one => groupOf(one.name) !== undefined)
    const group = groupOf(name)
    if (twin !== undefined && group !== undefined && (groupOf(twin.name) !== group || group.threshold > 1))
      throw fail(
        `the witnesses "${name}" and "${twin.name}" are one party, "${key.name}", which would count twice. Put both in ` +
          'one group that asks for one of them: group <name> any …',
      )
  }
}

interface PolicyDraft {
  logs: Policy['logs'][number][]
  witnesses: Policy['witnesses'][number][]
  groups: Policy['groups'][number][]
  names: Set<string>
  members: Set<string>
  quorum: string | undefined
}

function readLine(draft: PolicyDraft, words: readonly string[]): void {
  const [keyword, ...rest] = words
  if (draft.names.size > POLICY_NAMES_MAX) throw fail(`more than ${POLICY_NAMES_MAX} names`)
  if (keyword === 'log') readLog(draft, rest)
  else if (keyword === 'witness') readWitness(draft, rest)
  else if (keyword === 'group') readGroup(draft, rest)
  else if (keyword === 'quorum') readQuorum(draft, rest)
  else throw fail(`expected log, witness, group or quorum, found "${keyword}"`)
}

function fail(what: string): FormatError {
  return new FormatError('policy', what)
}

function readLog(draft: PolicyDraft, [vkey, url, ...more]: readonly string[]): void {
  if (vkey === undefined || more.length > 0) throw fail('expected log <vkey> [<url>]')
  const key = parseAnyKey(vkey)
  if (key.type === COSIGNATURE_KEY) throw fail("a key of type 0x04 is a witness's, and no log's")
  if (draft.logs.some(log => sameKey(log.key, key))) throw fail('this log key stands twice')
  draft.logs.push(url === undefined ? { key } : { key, url })
}

function readWitness(draft: PolicyDraft, [name, vkey, url, ...more]: readonly string[]): void {
  if (name === undefined || vkey === undefined || more.length > 0) throw fail('expected witness <name> <vkey> [<url>]')
  const key = parseAnyKey(vkey)
  if (key.type === ED25519_KEY) throw fail("a key of type 0x01 is a log's: a witness's is of type 0x04")
  if (draft.witnesses.some(witness => sameKey(witness.key, key))) throw fail('this witness key stands twice')
  defineName(draft, name)
  draft.witnesses.push(url === undefined ? { name, key } : { name, key, url })
}

function readGroup(draft: PolicyDraft, [name, threshold, ...members]: readonly string[]): void {
  if (name === undefined || threshold === undefined || members.length === 0)
    throw fail('expected group <name> all|any|<k> <name>...')
  for (const member of members) {
    if (member === 'none' || !draft.names.has(member)) throw fail(`"${member}" is not defined above`)
    if (draft.members.has(member)) throw fail(`"${member}" is a member already`)
    draft.members.add(member)
  }
  const k =
    threshold === 'all'
      ? members.length
      : threshold === 'any'
        ? 1
        : parseDecimal(threshold, members.length, 'a threshold')
  if (k === 0) throw fail('a threshold is at least 1')
  defineName(draft, name)
  draft.groups.push({ name, threshold: k, members })
}

function readQuorum(draft: PolicyDraft, [name, ...more]: readonly string[]): void {
  if (name === undefined || more.length > 0) throw fail('expected quorum <name>')
  if (draft.quorum !== undefined) throw fail('a policy has one quorum line')
  if (!draft.names.has(name)) throw fail(`"${name}" is not defined above`)
  draft.quorum = name
}

function defineName(draft: PolicyDraft, name: string): void {
  if (draft.names.has(name)) throw fail(`the name "${name}" is taken`)
  draft.names.add(name)
}

/** The text of a policy. What this makes, `parsePolicy` reads. */
export function formatPolicy({ logs, witnesses, groups, quorum }: Policy): string {
  const lines = [
    ...logs.map(({ key, url }) => ['log', formatVerifierKey(key), url]),
    ...witnesses.map(({ name, key, url }) => ['witness', name, formatVerifierKey(key), url]),
    ...groups.map(({ name, threshold, members }) => ['group', name, String(threshold), ...members]),
    ['quorum', quorum],
  ]
  return lines.map(words => `${words.filter(word => word !== undefined).join(' ')}\n`).join('')
}

/** A checkpoint that a policy accepts. */
export interface TrustedCheckpoint extends Checkpoint {
  /** The key of the log that signed it; of several that did, the one that the policy has first. */
  readonly log: VerifierKey
  /** All keys of the log that the policy has, which are understood here. */
  readonly logs: readonly VerifierKey[]
  /** Witnesses of the policy that cosigned, and when (seconds since 1970). Each once. */
  readonly witnesses: readonly { readonly name: string; readonly timestamp: number }[]
  /** Whether the policy asks for any witness at all. Without, nothing protects against split views. */
  readonly isWitnessed: boolean
}

/** The keys of the logs of a policy that are understood here, of one origin or of all. */
export function logKeysOf({ logs }: Policy, origin?: string): VerifierKey[] {
  const keys = logs.map(({ key }) => key)
  return keys.filter(key => key.type === ED25519_KEY && (origin === undefined || key.name === origin))
}

/**
 * The checkpoint in a signed note, if the policy accepts it: signed by a key of one of its logs, whose name is the
 * origin, and cosigned by a quorum of its witnesses.
 *
 * @param bytes - untrusted: the note.
 * @throws FormatError of `parseNote` and `parseCheckpoint`; VerifyError `unknown-log`, `log-signature`, `quorum`.
 *
 * @example
 * const policy = parsePolicy(await readFile('policy'))
 * const { origin, size, root, witnesses } = openCheckpoint(note, policy)
 */
export function openCheckpoint(bytes: Uint8Array, policy: Policy): TrustedCheckpoint {
  const note = parseNote(bytes)
  const checkpoint = parseCheckpoint(note.text)
  const logs = logKeysOf(policy, checkpoint.origin)
  if (logs.length === 0)
    throw new VerifyError('unknown-log', `the checkpoint is of "${checkpoint.origin}", which is no log of your policy`)
  const cosigners = policy.witnesses.filter(({ key }) => isUnderstood(key))
  const keys = [...logs, ...cosigners.map(({ key }) => key)]
  let signed: ReturnType<typeof verifyNote>
  try {
    signed = verifyNote(note, keys)
  } catch (error) {
    throw new VerifyError('log-signature', `the checkpoint does not hold: ${(error as Error).message}`, {
      cause: error,
    })
  }
  const log = logs.find(key => signed.some(one => one.key === key))
  if (log === undefined)
    throw new VerifyError('log-signature', 'the checkpoint is not signed by the log of your policy')
  const witnesses = cosigners.flatMap(({ name, key }) => {
    const timestamp = signed.find(one => one.key === key)?.timestamp
    return timestamp === undefined ? [] : [{ name, timestamp }]
  })
  if (
    !hasQuorum(
      policy,
      witnesses.map(({ name }) => name),
    )
  )
    throw new VerifyError('quorum', `too few witnesses of your policy cosigned the checkpoint: ${witnesses.length}`)
  return { ...checkpoint, log, logs, witnesses, isWitnessed: policy.quorum !== 'none' }
}

/**
 * Whether witnesses of these names satisfy the policy. Groups only name what stands above them, so one pass is enough.
 */
export function hasQuorum(policy: Policy, names: Iterable<string>): boolean {
  if (policy.quorum === 'none') return true
  const witnessed = new Set(names)
  for (const { name, threshold, members } of policy.groups)
    if (members.filter(member => witnessed.has(member)).length >= threshold) witnessed.add(name)
  return witnessed.has(policy.quorum)
}

/**
 * An inclusion proof in the checkpoint's tree, whose failure has the code of what it was to show.
 *
 * @throws VerifyError `code`.
 *
 * @example
 * verifyEntry(checkpoint, index, leafHash(entry), path, 'genesis-proof', 'the first entry is not in the log')
 */
export function verifyEntry(
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
  index: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  code: string,
  what: string,
): void {
  try {
    verifyInclusion(index, size, leaf, path, root)
  } catch (error) {
    throw error instanceof VerifyError ? new VerifyError(code, `${what}: ${error.message}`, { cause: error }) : error
  }
}
