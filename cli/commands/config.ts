import type { Command } from 'commander'
import { UsageError } from '../../src/node/failure.ts'
import { settingsOf, variablesSet } from '../input/settings.ts'
import { print, printJson, table } from '../screen/screen.ts'

export function configCommand(program: Command): void {
  program
    .command('config')
    .summary('show the settings of a command, and the source of each')
    .description(
      'Shows every option of a command, its value, and its source: the command line, a variable of the environment, ' +
        'the file of --config, or the default. Runs nothing.',
    )
    .argument('[command...]', 'the command, with options as it would be given them', ['serve'])
    .option('--json', 'print JSON')
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nExamples:\n  tally config\n  tally config serve --port 9000\n  tally config gateway key add\n  tally --config tally.json config witness --json\n\n' +
        'A settings file has the options of each command under the name of the command:\n' +
        '  {"serve": {"data": "/var/lib/tally", "port": 9000, "publish": "/var/www/points"}}\n' +
        'The command line overrides the environment, which overrides the file. TALLY_CONFIG can name the file.',
    )
    .action(async (words: string[], { json = false }: { readonly json?: boolean }) => {
      const { command, names, rest } = commandIn(program, words)
      if (command.options.length === 0)
        throw new UsageError('settings', `There is no command "${words.join(' ')}" whose settings could be shown.`)
      // What has to be given when it runs may be missing here.
      for (const argument of command.registeredArguments) argument.required = false
      for (const option of command.options) option.mandatory = false
      command.action(() => {
        const settings = [...settingsOf(command, program.opts<{ config?: string }>().config), ...variablesSet()]
        if (json) printJson(settings)
        else print(table(settings.map(({ option, value, from }) => [option, shown(value), from])))
      })
      const { config } = program.opts<{ config?: string }>()
      await program.parseAsync([...(config === undefined ? [] : ['--config', config]), ...names, ...rest], {
        from: 'user',
      })
    })
}

/** The command that words name, which may be one below another, such as `gateway key add`, and the words after it. */
function commandIn(program: Command, words: readonly string[]) {
  let [command, depth] = [program, 0]
  for (; depth < words.length; depth++) {
    const below = command.commands.find(one => one.name() === words[depth])
    if (below === undefined) break
    command = below
  }
  if (depth === 0) throw new UsageError('settings', `There is no command "${words[0]}" whose settings could be shown.`)
  return { command, names: words.slice(0, depth), rest: words.slice(depth) }
}

function shown(value: unknown): string {
  return value === null ? '' : Array.isArray(value) ? value.join(' ') : String(value)
}
