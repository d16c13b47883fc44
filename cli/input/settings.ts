import { type Command, InvalidArgumentError, type Option } from 'commander'
import { utf8Decode } from '../../src/core/bytes.ts'
import { UsageError } from '../../src/node/failure.ts'
import { readBytes } from '../../src/node/file-system.ts'
import { plainText } from '../../src/node/plain-text.ts'

/** Commands that run for long, or again and again: each of their options can stand in the environment. */
const LASTING: ReadonlySet<string> = new Set(['serve', 'init', 'gateway', 'witness', 'publish', 'watch', 'audit'])
/** Options that can stand in the environment for every command: where things are. */
const PLACES: ReadonlySet<string> = new Set(['data', 'url', 'policy', 'key'])
/** Variables of the environment that stand for no option. */
export const VARIABLES: readonly { readonly name: string; readonly what: string }[] = [
  { name: 'TALLY_CONFIG', what: 'a file with options of commands, as --config' },
  { name: 'TALLY_PASSPHRASE', what: 'the passphrase of key files that are locked' },
  { name: 'TALLY_PASSPHRASE_FILE', what: 'a file whose first line is that passphrase' },
  { name: 'TALLY_ENGINE', what: 'portable: signatures and hashes without native code' },
]
/** Bytes of a file of settings at most. */
const FILE_BYTES_MAX = 65_536

/** The variable of the environment for an option: `--disk-reserve` is `TALLY_DISK_RESERVE`. */
function variableOf(option: Option): string {
  return `TALLY_${option.name().replaceAll('-', '_').toUpperCase()}`
}

/**
 * Lets options of `program`'s commands stand in the environment and in the file of `--config`: those of commands that
 * run for long, and those of every command that say where things are. `--help` names each variable. An option that
 * takes several values, or none, has no variable. The command line goes before the environment, and that before the
 * file.
 */
export function readSettings(program: Command, words: readonly string[]): void {
  const hook = async (_: Command, command: Command) => {
    const { config } = program.opts<{ config?: string }>()
    if (config !== undefined) {
      const values = (await readSettingsFile(config, words))[command.name()]
      if (values !== undefined && command.parent === program) applySettings(command, values, config)
    }
    applyVariables(command)
  }
  const named = (command: Command): void => {
    if (command.commands.length > 0) command.hook('preSubcommand', hook)
    for (const one of command.commands) {
      named(one)
      for (const option of one.options) {
        const isNamed = PLACES.has(option.name()) || (LASTING.has(one.name()) && one.parent === program)
        if (isNamed && option.required && !option.variadic) option.env(variableOf(option))
      }
    }
  }
  named(program)
}

/** Sets the options of a command that stand in the environment. @throws UsageError `environment`. */
function applyVariables(command: Command): void {
  for (const option of command.options) {
    const text = option.envVar === undefined ? undefined : process.env[option.envVar]
    if (text === undefined) continue
    try {
      command.setOptionValueWithSource(option.attributeName(), parsedValue(option, text), 'env')
    } catch (error) {
      throw new UsageError('environment', `${option.envVar}: ${(error as Error).message}`)
    }
  }
}

/** A file of settings: for each command, by its name, the values of its options, by their long names. */
type SettingsFile = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** @throws UsageError `file`, `settings`. */
async function readSettingsFile(path: string, commands: readonly string[]): Promise<SettingsFile> {
  const bytes = await readBytes(path)
  const refuse = (why: string): never => {
    throw new UsageError('settings', `${path} is no file of settings: ${why}`)
  }
  if (bytes.length > FILE_BYTES_MAX) refuse(`it has more than ${FILE_BYTES_MAX} bytes`)
  let file: unknown
  try {
    file = JSON.parse(utf8Decode(plainText(bytes)))
  } catch (error) {
    refuse(`not JSON in UTF-8: ${(error as Error).message}`)
  }
  if (!isObject(file)) return refuse('expected an object, such as {"serve": {"port": 9000}}')
  for (const [name, values] of Object.entries(file)) {
    if (!commands.includes(name)) refuse(`/${name}: no command has that name; there are ${commands.join(', ')}`)
    if (!isObject(values)) refuse(`/${name}: expected an object of options, such as {"port": 9000}`)
  }
  return file as SettingsFile
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Sets the options of a command that a file gives. What stands on the command line or in the environment goes before
 * it: called before those are read.
 *
 * @throws UsageError `settings`, with the place in the file.
 */
function applySettings(command: Command, values: Readonly<Record<string, unknown>>, path: string): void {
  for (const [name, value] of Object.entries(values)) {
    const place = `${path}, /${command.name()}/${name}`
    const option = command.options.find(one => one.name() === name && !one.negate)
    if (option === undefined) {
      const names = command.options.map(one => one.name()).join(', ')
      throw new UsageError('settings', `${place}: no such option; \`tally ${command.name()}\` has ${names}.`)
    }
    try {
      command.setOptionValueWithSource(option.attributeName(), parsedValue(option, value), 'config')
    } catch (error) {
      throw new UsageError('settings', `${place}: ${(error as Error).message}`)
    }
  }
}

/** The value of an option as the command line would have made it of the same text. */
function parsedValue(option: Option, value: unknown): unknown {
  if (option.isBoolean()) {
    if (typeof value !== 'boolean') throw new InvalidArgumentError('Expected true or false.')
    return value
  }
  const texts = Array.isArray(value) && option.variadic ? value : [value]
  let parsed: unknown
  for (const one of texts) {
    if (typeof one !== 'string' && typeof one !== 'number')
      throw new InvalidArgumentError(`Expected text or a number${option.variadic ? ', or a list of them' : ''}.`)
    const text = String(one)
    if (option.parseArg !== undefined) parsed = option.parseArg(text, parsed)
    else if (option.variadic) parsed = [...((parsed as string[] | undefined) ?? []), text]
    else parsed = text
  }
  return parsed
}

/** A setting, and where its value comes from. */
export interface Setting {
  readonly option: string
  readonly value: unknown
  readonly from: string
}

/** Variables whose values are shown to nobody. */
const SECRET: ReadonlySet<string> = new Set(['TALLY_PASSPHRASE'])

/** The variables that stand for no option, as settings. */
export function variablesSet(environment: NodeJS.ProcessEnv = process.env): Setting[] {
  return VARIABLES.map(({ name }) => {
    const value = environment[name]
    const from = value === undefined ? 'not set' : 'environment'
    return { option: name, value: value === undefined ? null : SECRET.has(name) ? '(set)' : value, from }
  })
}

/** The settings of a command whose options were read. */
export function settingsOf(command: Command, path: string | undefined): Setting[] {
  const shown = command.options.filter(option => !option.hidden && option.attributeName() !== 'json')
  return shown.map(option => {
    const value: unknown = command.getOptionValue(option.attributeName())
    const source = command.getOptionValueSource(option.attributeName())
    const from =
      source === 'cli'
        ? `--${option.name()}`
        : source === 'env'
          ? option.envVar!
          : source === 'config'
            ? path!
            : 'default'
    return { option: option.name(), value: value ?? null, from: value === undefined ? 'not set' : from }
  })
}
