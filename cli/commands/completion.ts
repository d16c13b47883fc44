import { Argument, type Command } from 'commander'
import { print } from '../screen/screen.ts'

/** A command, by the words that name it: what can stand after them. */
interface Completed {
  readonly path: string
  readonly words: readonly string[]
}

/** `tally completion`: what completes words of `tally` in a shell. */
export function completionCommand(program: Command, all: (program: Command) => Promise<void>): void {
  program
    .command('completion')
    .summary('print what completes the words of tally in a shell')
    .description('Prints a script that completes commands and options of tally.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish', 'pwsh']))
    .addHelpText(
      'after',
      '\nExamples:\n  tally completion bash > /etc/bash_completion.d/tally\n  tally completion zsh > ' +
        '"$' +
        '{fpath[1]}/_tally"\n  tally completion fish > ~/.config/fish/completions/tally.fish\n  tally completion ' +
        'pwsh | Out-String | Invoke-Expression',
    )
    .action(async (shell: string) => {
      await all(program)
      const commands = completed(program, '')
      print(SCRIPTS[shell]!(commands))
    })
}

function completed(command: Command, path: string): Completed[] {
  const below = command.commands.filter(one => one.name() !== 'help')
  const options = command.options.filter(({ hidden }) => !hidden).map(({ long }) => long ?? '')
  const words = [...new Set([...below.map(one => one.name()), ...options.filter(word => word !== ''), '--help'])]
  return [{ path, words }, ...below.flatMap(one => completed(one, `${path} ${one.name()}`.trim()))]
}

/** A table of words by path, as a `case` of a shell. */
function cases(commands: readonly Completed[]): string {
  return commands.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n')
}

const SCRIPTS: Readonly<Record<string, (commands: readonly Completed[]) => string>> = {
  bash: commands => `# bash completion of tally
_tally() {
  local path='' next word words i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ "$word" == -* ]] && continue
    next="\${path:+$path }$word"
    case "$next" in
      ${commands
        .slice(1)
        .map(({ path }) => `'${path}'`)
        .join('|')}) path="$next" ;;
    esac
  done
  case "$path" in
${cases(commands)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o filenames -F _tally tally
`,
  zsh: commands => `#compdef tally
_tally() {
  local where='' next word words
  for word in \${words[2,$((CURRENT - 1))]}; do
    [[ "$word" == -* ]] && continue
    next="\${where:+$where }$word"
    case "$next" in
      ${commands
        .slice(1)
        .map(({ path }) => `'${path}'`)
        .join('|')}) where="$next" ;;
    esac
  done
  local found=''
  case "$where" in
${cases(commands).replaceAll(' words=', ' found=')}
  esac
  compadd -- \${(s: :)found} || _files
}
_tally "$@"
`,
  fish: commands =>
    `# fish completion of tally\n${commands
      .flatMap(({ path, words }) =>
        words.map(word => {
          const when = path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`
          return word.startsWith('--')
            ? `complete -c tally -n '${when}' -l ${word.slice(2)}`
            : `complete -c tally -f -n '${when}' -a ${word}`
        }),
      )
      .join('\n')}\n`,
  pwsh: commands => `# PowerShell completion of tally
Register-ArgumentCompleter -Native -CommandName tally -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $known = @{
${commands.map(({ path, words }) => `    '${path}' = '${words.join(' ')}'`).join('\n')}
  }
  $path = ''
  foreach ($element in $commandAst.CommandElements | Select-Object -Skip 1) {
    $next = if ($path) { "$path $element" } else { "$element" }
    if ($known.ContainsKey($next)) { $path = $next }
  }
  $known[$path] -split ' ' | Where-Object { $_ -like "$wordToComplete*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`,
}
