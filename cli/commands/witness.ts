import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Command } from 'commander'
import { COSIGNATURE_KEY, formatVerifierKey, verifierKey } from '../../src/core/note/note.ts'
import { logKeysOf, parsePolicy } from '../../src/core/note/policy.ts'
import { newKey, readKey, writeKey } from '../../src/files/key-files.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists } from '../../src/node/file-system.ts'
import { lock } from '../../src/node/lock.ts'
import { readText } from '../../src/node/plain-text.ts'
import { portOption } from '../input/options.ts'
import { untilSignal } from '../input/signal.ts'
import { print } from '../screen/screen.ts'

interface WitnessCommandOptions {
  readonly data: string
  readonly host: string
  readonly port: number
  readonly name: string
  readonly policy: string
}

export function witnessCommand(program: Command): void {
  program
    .command('witness')
    .summary('cosign the checkpoints of logs, as their witness')
    .description(
      'Runs a witness (c2sp.org/tlog-witness): cosigns checkpoints of the logs that a policy names, each only if ' +
        'the log has merely grown. It remembers what it cosigned before it answers.',
    )
    .requiredOption('--policy <file>', 'which logs to follow: the log lines of a tlog-policy file')
    .option('--data <dir>', 'where its key and its memory are; made if need be', 'witness')
    .option('--name <name>', 'its name, such as witness.example.org', 'witness.local')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .addOption(portOption(8090))
    .addHelpText(
      'after',
      '\nExamples:\n  tally witness --policy data/policy\n  tally witness --policy logs.policy --name ' +
        'witness.example.org --data /var/lib/witness --port 9000\n\nThe line that it prints goes into the policy ' +
        "of the one who trusts it. In the policy of a ledger's own data directory\nit makes the ledger ask this " +
        'witness from its next start on.',
    )
    .action(runWitness)
}

async function runWitness({ data, host, port, name, policy }: WitnessCommandOptions): Promise<void> {
  const { buildWitnessServer, Register, Witness } = await import('../../src/witness/index.ts')
  const logs = logKeysOf(await readText(policy, parsePolicy))
  if (logs.length === 0) throw new UsageError('settings', `${policy} names no log to follow.`)
  const path = join(data, 'key.json')
  if (!(await fileExists(path))) await writeKey(path, newKey(name))
  const { seed, publicKey } = await readKey(path)
  const key = verifierKey(name, COSIGNATURE_KEY, publicKey)
  // Two processes on one memory could each cosign what the other has not seen.
  const unlock = await lock(join(data, 'lock'))
  const register = await Register.open(join(data, 'logs'))
  const witness = new Witness({ key, seed, logs, register, nowMs: Date.now })
  const server = buildWitnessServer(witness)
  try {
    await server.listen({ host, port })
  } catch (error) {
    await unlock()
    throw new UsageError('listen', `Cannot listen on ${host}:${port}: ${(error as Error).message}. Try another --port.`)
  }
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${(server.server.address() as AddressInfo).port}`
  print(
    `Witness ${name} for ${[...new Set(logs.map(({ name }) => name))].join(', ')}, on ${url}. Stop with Ctrl-C.\n\n` +
      `For policies that trust it:\n\n  witness ${shortName(name)} ${formatVerifierKey(key)} ${url}\n\n` +
      `with "quorum ${shortName(name)}", or in a group with others.\n`,
  )
  await untilSignal()
  await server.close()
  await unlock()
}

/** What a policy can call it: the first label of its name. */
function shortName(name: string): string {
  return name.split(/[./]/)[0]!.replace(/\s/g, '') || 'witness'
}
