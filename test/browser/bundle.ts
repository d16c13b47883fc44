import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '..', '..')

/** What a browser gets of `tallystick/verify`. */
export interface Bundle {
  readonly code: string
  /** What it is made of, by the path from the root of the project. */
  readonly inputs: readonly string[]
  /** What it would still have to import. */
  readonly imports: readonly string[]
}

/** The source that package.json exports as `tallystick/verify`. */
function entryPoint(): string {
  const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    exports: { './verify': { default: string } }
  }
  return exports['./verify'].default.replace('./dist/', '').replace(/\.js$/, '.ts')
}

/** Names that a member’s wallet imports of `tallystick/verify`. */
const NAMES = ['CodedError', 'FormatError', 'VerifyError', 'parseCard', 'parsePolicy', 'verifyStatement']

/** Bundles a wallet’s names of `tallystick/verify` as a page would: one module, minified. */
export async function bundleVerifier(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    stdin: {
      contents: `export { ${NAMES.join(', ')} } from './${entryPoint()}'`,
      resolveDir: ROOT,
      sourcefile: 'wallet.js',
    },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    metafile: true,
    write: false,
  })
  const imports = Object.values(metafile.outputs).flatMap(output => output.imports.map(({ path }) => path))
  return { code: outputFiles[0]!.text, inputs: Object.keys(metafile.inputs), imports }
}
