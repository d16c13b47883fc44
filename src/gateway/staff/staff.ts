import { z } from 'zod'
import { UsageError } from '../../node/failure.ts'
import { WatchedFile } from '../watched-file.ts'
import { isPassword, keptOf } from './passwords.ts'
import { STAFF_ROLES, type StaffRole } from './roles.ts'

const FORMAT = 'tallystick/staff/v1'
const schema = z.strictObject({
  format: z.literal(FORMAT),
  people: z.array(
    z.strictObject({
      name: z.string(),
      role: z.enum(STAFF_ROLES),
      /** Of scrypt; not there for a person who signs in elsewhere alone. */
      password: z.string().optional(),
      /** Who that is at the provider of OpenID Connect: a verified email, or a subject. */
      openid: z.string().optional(),
      made: z.string(),
      /** When role or password changed last: what was begun before has ended. */
      changed: z.string(),
      revoked: z.string().optional(),
    }),
  ),
})
type StaffFile = z.infer<typeof schema>
type KeptPerson = StaffFile['people'][number]

/** A person of a shop who signs in, without what is secret of it. */
export interface Person {
  readonly name: string
  readonly role: StaffRole
  readonly openid?: string | undefined
  readonly hasPassword: boolean
  /** RFC 3339. */
  readonly made: string
  readonly changed: string
  readonly revoked?: string | undefined
}

/** A name stands in logs and lines: letters, digits and few marks, so that no two look alike by a space. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,63}$/u

/** The people of a shop who sign in, in a file that has no password, only what scrypt makes of each. */
export class Staff {
  readonly #file: WatchedFile<StaffFile>

  constructor(path: string) {
    const empty: StaffFile = { format: FORMAT, people: [] }
    this.#file = new WatchedFile({ path, schema, empty, code: 'staff', name: 'a file of people who sign in' })
  }

  /** All people there are, those who were revoked too. @throws UsageError `file`, `staff`. */
  async list(): Promise<Person[]> {
    return (await this.#file.read()).people.map(shown)
  }

  /**
   * Adds a person, with a password, an identity at the provider of OpenID Connect, or both.
   *
   * @throws UsageError `person-exists`, `password`, `settings`.
   */
  async add(
    name: string,
    role: StaffRole,
    { password, openid }: { readonly password?: string | undefined; readonly openid?: string | undefined },
  ): Promise<void> {
    if (!NAME.test(name))
      throw new UsageError('settings', `"${name}" is no name: letters, digits and . _ @ + -, at most 64 of them.`)
    const kept = password === undefined ? undefined : await keptOf(password)
    const now = new Date().toISOString()
    await this.#change(people => {
      if (people.some(one => isSame(one, name)))
        throw new UsageError('person-exists', `There is a person "${name}" already. Revoke that one first.`)
      if (openid !== undefined && people.some(one => one.revoked === undefined && one.openid === openid))
        throw new UsageError('person-exists', `There is a person who signs in as "${openid}" already.`)
      return [
        ...people,
        {
          ...{ name, role, made: now, changed: now },
          ...(kept === undefined ? {} : { password: kept }),
          ...(openid === undefined ? {} : { openid }),
        },
      ]
    })
  }

  /** Gives a person another password, and ends all that was begun with the old one. @throws as `add`. */
  async setPassword(name: string, password: string): Promise<void> {
    const kept = await keptOf(password)
    await this.#changeOne(name, one => ({ ...one, password: kept, changed: new Date().toISOString() }))
  }

  /** Ends what a person may do: within a second. @throws UsageError `person-unknown`. */
  async revoke(name: string): Promise<void> {
    await this.#changeOne(name, one => ({ ...one, revoked: new Date().toISOString() }))
  }

  /** The person of a name who stands; undefined where there is none. @param name - untrusted. */
  async find(name: string, nowMs: number): Promise<Person | undefined> {
    const found = (await this.#standing(nowMs)).find(one => isSame(one, name))
    return found === undefined ? undefined : shown(found)
  }

  /** The person of a name and a password; undefined where one of them is not so. Both are untrusted. */
  async check(name: string, password: string, nowMs: number): Promise<Person | undefined> {
    const found = (await this.#standing(nowMs)).find(one => isSame(one, name))
    const isSo = await isPassword(password, found?.password)
    return isSo && found !== undefined ? shown(found) : undefined
  }

  /** The person who is one of these at the provider of OpenID Connect; undefined where nobody is. */
  async atProvider(identities: readonly string[], nowMs: number): Promise<Person | undefined> {
    const found = (await this.#standing(nowMs)).find(
      ({ openid }) => openid !== undefined && identities.includes(openid),
    )
    return found === undefined ? undefined : shown(found)
  }

  async #standing(nowMs: number): Promise<KeptPerson[]> {
    return (await this.#file.look(nowMs)).people.filter(({ revoked }) => revoked === undefined)
  }

  #change(change: (people: readonly KeptPerson[]) => KeptPerson[]): Promise<void> {
    return this.#file.change(({ people }) => ({ format: FORMAT, people: change(people) }))
  }

  #changeOne(name: string, change: (one: KeptPerson) => KeptPerson): Promise<void> {
    return this.#change(people => {
      if (!people.some(one => isSame(one, name)))
        throw new UsageError('person-unknown', `There is no person "${name}" who stands: see tally user list.`)
      return people.map(one => (isSame(one, name) ? change(one) : one))
    })
  }
}

/** Whether a person who stands has a name, however its letters were typed. */
function isSame({ name, revoked }: KeptPerson, asked: string): boolean {
  return revoked === undefined && name.normalize('NFC').toLowerCase() === asked.normalize('NFC').toLowerCase()
}

function shown({ password, ...person }: KeptPerson): Person {
  return { ...person, hasPassword: password !== undefined }
}
