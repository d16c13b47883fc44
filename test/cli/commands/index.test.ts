import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { addCommands, COMMAND_FILES } from '../../../cli/commands/index.ts'

const wordsOf = (program: Command) => program.commands.map(command => command.name())
const leaves = (command: Command, path = ''): [string, Command][] =>
  command.commands.length === 0
    ? [[path, command]]
    : command.commands.flatMap(one => leaves(one, `${path} ${one.name()}`.trimStart()))

describe('the table of commands', () => {
  test('lists the words that each file puts on the command line', async () => {
    for (const { words, load } of COMMAND_FILES) {
      const program = new Command()
      ;(await load())(program)
      expect(wordsOf(program).sort()).toEqual([...words].sort())
    }
  })

  test('a command that is loaded alone is the same as among all of them', async () => {
    const all = new Command()
    await addCommands(all, undefined)
    expect(wordsOf(all)).toEqual([...new Set(COMMAND_FILES.flatMap(({ words }) => words))])
    for (const word of wordsOf(all)) {
      const alone = new Command()
      await addCommands(alone, word)
      const pick = (program: Command) =>
        leaves(program)
          .map(([path]) => path)
          .filter(path => path.split(' ')[0] === word)
      expect(pick(alone), word).toEqual(pick(all))
    }
  })

  test('every command has a help with an example of itself', async () => {
    const all = new Command('tally')
    await addCommands(all, undefined)
    for (const [path, command] of leaves(all)) {
      let help = ''
      command.configureOutput({
        writeOut: text => {
          help += text
        },
      })
      command.outputHelp()
      expect(help, path).toMatch(new RegExp(`Examples?:\n(?:.*\n)*?  tally (?:--config \\S+ )?${path}\\b`))
    }
  })

  test('for a word that no command begins with, all are there, so that a near one is proposed', async () => {
    const program = new Command()
    await addCommands(program, 'statment')
    expect(wordsOf(program).length).toBeGreaterThan(20)
  })
})
