import { Command, type Option, type ParseOptionsResult } from 'commander'

/** What commander does in its own way where nothing else is said; its types do not name these. */
interface Refusing {
  missingMandatoryOptionValue(option: Option): void
  unknownOption(flag: string): void
}

/**
 * A command that names an option which it does not have before one that is missing: `--too 3` is a slip of the finger,
 * and that `--to` is missing is only what follows from it.
 */
export class SpokenCommand extends Command {
  #unknown: string | undefined

  override createCommand(name?: string): SpokenCommand {
    return new SpokenCommand(name)
  }

  override parseOptions(args: string[]): ParseOptionsResult {
    const parsed = super.parseOptions(args)
    this.#unknown = parsed.unknown.find(word => word.startsWith('-'))
    return parsed
  }

  /** Called by commander where an option is missing that has to be given. */
  protected missingMandatoryOptionValue(option: Option): void {
    const own = this as unknown as Refusing
    if (this.#unknown !== undefined) own.unknownOption(this.#unknown)
    ;(Command.prototype as unknown as Refusing).missingMandatoryOptionValue.call(this, option)
  }
}
