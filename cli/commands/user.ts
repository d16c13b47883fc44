import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { utf8Decode } from '../../src/core/bytes.ts'
import { OpenIdSignIn } from '../../src/gateway/staff/open-id.ts'
import { makePassword } from '../../src/gateway/staff/passwords.ts'
import { STAFF_ROLES, type StaffRole } from '../../src/gateway/staff/roles.ts'
import { Staff } from '../../src/gateway/staff/staff.ts'
import { readBytes } from '../../src/node/file-system.ts'
import { stateOption } from '../input/options.ts'
import { print, printJson, table } from '../screen/screen.ts'

interface UserOptions {
  readonly state: string
  readonly role: StaffRole
  readonly passwordFile?: string
  readonly openid?: string
  readonly json?: boolean
}

/** `tally user`: the people of a shop who sign in at the console. */
export function userCommand(program: Command): void {
  const user = program
    .command('user')
    .summary('people who sign in at the console of a gateway: add, list, revoke, password, openid')
    .description(
      'People of a shop who sign in at the console, each with a role: a reader reads, a clerk serves members, a ' +
        'manager corrects, imports and closes months, an owner does all. A gateway that runs knows of a change within a second.',
    )
  const add = user
    .command('add <name>')
    .summary('add a person; without a password file, a password is made and printed once')
    .addOption(new Option('--role <role>', 'what the person may do').choices(STAFF_ROLES).default('reader'))
    .option('--openid <identity>', 'a verified email, or a subject, at the provider of tally user openid')
    .addHelpText(
      'after',
      '\nExamples:\n  tally user add anna --role clerk\n  tally user add mei --role owner --openid mei@shop.example',
    )
    .action(addPerson)
  const list = user
    .command('list')
    .summary('list all people, also those who were revoked')
    .addHelpText('after', '\nExample:\n  tally user list --state data/gateway')
    .action(listPeople)
  const revoke = user
    .command('revoke <name>')
    .summary('end the rights and all sessions of a person')
    .addHelpText('after', '\nExample:\n  tally user revoke anna')
    .action(revokePerson)
  const password = user
    .command('password <name>')
    .summary('give a person another password, and end all sessions of that person')
    .addHelpText('after', '\nExamples:\n  tally user password anna\n  tally user password anna --password-file -')
    .action(setPassword)
  const openid = user
    .command('openid')
    .summary('set the provider of OpenID Connect where people sign in')
    .description(
      'Sets the provider of OpenID Connect where people sign in. Register the gateway there, with the code flow and ' +
        'ORIGIN/v1/session/callback for its redirect.',
    )
    .requiredOption('--issuer <url>', 'the provider')
    .requiredOption('--client <id>', 'what the provider knows the gateway by')
    .requiredOption('--origin <url>', 'where browsers find the gateway, such as https://points.example')
    .option('--secret-file <file>', 'a file with the secret of the client; - for standard input')
    .option('--title <text>', 'a name for the provider, on the page', 'OpenID Connect')
    .addHelpText(
      'after',
      '\nExample:\n  tally user openid --issuer https://login.example --client points --secret-file secret \\\n' +
        '    --origin https://points.example --title "Example login"',
    )
    .action(setProvider)
  for (const command of [add, password])
    command.option('--password-file <file>', 'a file with the password; - for standard input')
  for (const command of [add, list, revoke, password, openid])
    command.addOption(stateOption()).option('--json', 'print JSON')
}

function staffIn(state: string): Staff {
  return new Staff(join(state, 'staff.json'))
}

/** The first line of a file. */
async function secretIn(path: string): Promise<string> {
  return utf8Decode(await readBytes(path)).replace(/\r?\n$/, '')
}

async function addPerson(name: string, { state, role, passwordFile, openid, json }: UserOptions): Promise<void> {
  const isMade = passwordFile === undefined && openid === undefined
  const password = passwordFile === undefined ? (isMade ? makePassword() : undefined) : await secretIn(passwordFile)
  await staffIn(state).add(name, role, { password, openid })
  sayPassword(name, isMade ? password : undefined, json, { role })
}

async function setPassword(name: string, { state, passwordFile, json }: UserOptions): Promise<void> {
  const made = passwordFile === undefined ? makePassword() : undefined
  await staffIn(state).setPassword(name, made ?? (await secretIn(passwordFile!)))
  sayPassword(name, made, json)
}

/** Says a password that was made, this once. */
function sayPassword(name: string, password: string | undefined, json?: boolean, more: object = {}): void {
  if (json) printJson({ name, ...more, ...(password === undefined ? {} : { password }) })
  else print(password === undefined ? `Done: ${name}.\n` : `${password}\n`)
}

async function listPeople({ state, json }: UserOptions): Promise<void> {
  const people = await staffIn(state).list()
  if (json) return printJson({ people })
  print(
    table([
      ['name', 'role', 'signs in by', 'made', 'revoked'],
      ...people.map(({ name, role, hasPassword, openid, made, revoked = '' }) => [
        ...[name, role, [...(hasPassword ? ['password'] : []), ...(openid === undefined ? [] : [openid])].join(', ')],
        ...[made, revoked],
      ]),
    ]),
  )
}

async function revokePerson(name: string, { state, json }: UserOptions): Promise<void> {
  await staffIn(state).revoke(name)
  if (json) printJson({ name })
  else print(`Revoked: ${name}. Within a second ${name} can do nothing more.\n`)
}

async function setProvider(
  options: UserOptions & { issuer: string; client: string; origin: string; title: string; secretFile?: string },
): Promise<void> {
  const { state, issuer, client, origin, title, secretFile, json } = options
  const secret = secretFile === undefined ? undefined : await secretIn(secretFile)
  await new OpenIdSignIn(join(state, 'openid.json'), staffIn(state)).set({
    ...{ issuer, client, origin, title },
    ...(secret === undefined ? {} : { secret }),
  })
  if (json) printJson({ issuer, client, origin, title })
  else print(`People sign in at ${issuer}, which sends them back to ${origin}/v1/session/callback.\n`)
}
