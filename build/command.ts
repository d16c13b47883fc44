import { rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..')

/** The files that are asked for by their names at run time: the command line, and threads of the rooms. */
const ENTRIES = [
  'cli/main.ts',
  'src/log/intake/prepare-thread.ts',
  'src/audit/read/reader-worker.ts',
  'src/audit/read/signature-worker.ts',
  'src/audit/report/reports-worker.ts',
]

/** Packages that read files beside their own, native code among them: they cannot be made part of another file. */
const READS_BESIDE = ['@chainsafe/hashtree', '@fastify/swagger-ui', 'classic-level', 'pino', 'sodium-native']

/** What packages that are not modules of JavaScript load others with. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);"

/**
 * Makes `tally` of the sources into one folder, packages left out: a fifth as many files as there are sources, so that
 * a command starts in little more than half the time. All files lie side by side, so that each finds the files of its
 * threads beside itself.
 *
 * @param folder - two below the folder that has `package.json`; what is in it is removed.
 * @param isWhole - with the packages, which make a start shorter again by a third: for tests. A package on npm leaves
 * them to npm, with their licences and their corrections.
 * @returns the sources that it was made of.
 */
export async function buildCommand(folder: string = join(ROOT, 'dist/cli'), isWhole = false): Promise<string[]> {
  rmSync(folder, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    entryNames: '[name]',
    outdir: relative(ROOT, folder),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.18',
    ...(isWhole ? { external: READS_BESIDE, banner: { js: REQUIRE } } : { packages: 'external' as const }),
    keepNames: true,
    metafile: true,
    logLevel: 'warning',
  })
  return Object.keys(metafile.inputs)
}

if (process.argv[1] !== undefined && dirname(process.argv[1]) === import.meta.dirname) await buildCommand()
