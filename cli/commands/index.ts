import type { Command } from 'commander'

/** Commands of one file: the words that they begin with, and what puts them on the command line. */
interface CommandFile {
  readonly words: readonly string[]
  readonly load: () => Promise<(program: Command) => void>
}

/** Every command, in the order of `tally --help`. Several files may add to one word: `account open`, `account list`. */
export const COMMAND_FILES: readonly CommandFile[] = [
  { words: ['serve'], load: async () => (await import('./serve.ts')).serveCommand },
  { words: ['signer'], load: async () => (await import('./signer.ts')).signerCommand },
  { words: ['demo'], load: async () => (await import('./demo.ts')).demoCommand },
  { words: ['promote'], load: async () => (await import('./follow.ts')).promoteCommand },
  { words: ['init'], load: async () => (await import('./serve.ts')).initCommand },
  { words: ['config'], load: async () => (await import('./config.ts')).configCommand },
  { words: ['ledger'], load: async () => (await import('./ledger.ts')).ledgerCommand },
  { words: ['clock'], load: async () => (await import('./clock.ts')).clockCommand },
  { words: ['setup'], load: async () => (await import('./setup.ts')).setupCommand },
  { words: ['gateway'], load: async () => (await import('./gateway.ts')).gatewayCommand },
  { words: ['user'], load: async () => (await import('./user.ts')).userCommand },
  { words: ['member', 'earn', 'expiring'], load: async () => (await import('./shop.ts')).shopCommands },
  { words: ['webhook'], load: async () => (await import('./webhook.ts')).webhookCommands },
  { words: ['token'], load: async () => (await import('./token.ts')).tokenCommand },
  { words: ['export'], load: async () => (await import('./export.ts')).exportCommand },
  {
    words: ['completion'],
    load: async () => {
      const { completionCommand } = await import('./completion.ts')
      return program => completionCommand(program, addOthers)
    },
  },
  { words: ['keyfile'], load: async () => (await import('./keygen.ts')).keyFileCommand },
  { words: ['keygen'], load: async () => (await import('./keygen.ts')).keygenCommand },
  {
    words: ['issue', 'redeem', 'account', 'statement', 'receipt'],
    load: async () => (await import('./wallet.ts')).walletCommands,
  },
  { words: ['account'], load: async () => (await import('./accounts.ts')).accountCommands },
  { words: ['account'], load: async () => (await import('./merge.ts')).mergeCommand },
  {
    words: [
      ...[
        'hold',
        'capture',
        'release',
        'refund',
        'clawback',
        'gift',
        'take',
        'collect',
        'claim',
        'convert',
        'settle',
        'ask-settle',
        'opening-balance',
        'reinstate',
      ],
      ...['budget', 'key', 'unit', 'rule', 'rate', 'account', 'consent', 'tier'],
    ],
    load: async () => (await import('./act-commands.ts')).actCommands,
  },
  {
    words: ['account', 'budget', 'unit', 'key', 'rule', 'rate', 'consent', 'details'],
    load: async () => (await import('./lists.ts')).listCommands,
  },
  { words: ['verify'], load: async () => (await import('./verify.ts')).verifyCommand },
  { words: ['audit'], load: async () => (await import('./audit.ts')).auditCommand },
  { words: ['report'], load: async () => (await import('./report.ts')).reportCommand },
  { words: ['reconcile', 'complaints'], load: async () => (await import('./desk.ts')).deskCommands },
  { words: ['feed'], load: async () => (await import('./feed.ts')).feedCommand },
  { words: ['status'], load: async () => (await import('./health.ts')).statusCommand },
  { words: ['doctor'], load: async () => (await import('./health.ts')).doctorCommand },
  { words: ['backup'], load: async () => (await import('./backup.ts')).backupCommand },
  { words: ['restore'], load: async () => (await import('./backup.ts')).restoreCommand },
  { words: ['check'], load: async () => (await import('./check.ts')).checkCommand },
  { words: ['import'], load: async () => (await import('./import.ts')).importCommand },
  { words: ['programme'], load: async () => (await import('./programme.ts')).programmeDocumentCommands },
  { words: ['inspect'], load: async () => (await import('./inspect.ts')).inspectCommand },
  { words: ['witness'], load: async () => (await import('./witness.ts')).witnessCommand },
  { words: ['publish'], load: async () => (await import('./publish.ts')).publishCommand },
  { words: ['watch'], load: async () => (await import('./watch.ts')).watchCommand },
]

/** The first words of all commands. */
export const COMMAND_WORDS: readonly string[] = [...new Set(COMMAND_FILES.flatMap(({ words }) => words))]

/**
 * Puts the commands that begin with `word` on the command line, and loads nothing else: half of what a short command
 * takes is loading. All of them where no command begins so, for help and for a word that is mistyped.
 */
export async function addCommands(program: Command, word: string | undefined): Promise<void> {
  if (word === '--version' || word === '-V') return
  // `config` shows the settings of any other.
  const named = COMMAND_FILES.filter(({ words }) => word !== undefined && word !== 'config' && words.includes(word))
  for (const add of await Promise.all((named.length > 0 ? named : COMMAND_FILES).map(({ load }) => load())))
    add(program)
}

/** Puts all commands on a command line that has `completion` alone. */
async function addOthers(program: Command): Promise<void> {
  for (const { words, load } of COMMAND_FILES) if (!words.includes('completion')) (await load())(program)
}
