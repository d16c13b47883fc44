import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// The figures of the house, as CONTRIBUTING.md has them: `npm run figures`.

const ROOT = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const filesOf = (folder: string, end: RegExp) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map(path => `${folder}/${path}`)
    .filter(path => end.test(path) && !path.endsWith('.d.ts') && !path.includes('node_modules'))

const SOURCES = [...filesOf('src', /\.tsx?$/), ...filesOf('cli', /\.ts$/)]
const TESTS = new Set(filesOf('test', /\.test\.ts$/))
const linesOf = (path: string) => textOf(path).split('\n').length - 1
const roomOf = (path: string) => (path.startsWith('src/') ? path.split('/').slice(0, 2).join('/') : 'cli')

/** The functions of a file that stand at its left edge, with how many lines each has. */
function functionsOf(path: string): [name: string, lines: number][] {
  const lines = textOf(path).split('\n')
  return lines.flatMap((line, i) => {
    const name = /^(?:export )?(?:async )?function\*? (\w+)/.exec(line)?.[1]
    return name === undefined ? [] : [[name, lines.indexOf('}', i) - i + 1] as [string, number]]
  })
}

const perRoom = new Map<string, number>()
for (const path of SOURCES) perRoom.set(roomOf(path), (perRoom.get(roomOf(path)) ?? 0) + linesOf(path))
const total = [...perRoom.values()].reduce((sum, lines) => sum + lines, 0)
const [largest, second] = [...perRoom].sort((a, b) => b[1] - a[1])
const shareOf = ([room, lines]: [string, number]) => `${room} ${((100 * lines) / total).toFixed(1)} %`

const tested = SOURCES.filter(path => !path.endsWith('/index.ts'))
const mirrored = tested.filter(path => TESTS.has(`test/${path.replace(/^src\//, '').replace(/\.ts$/, '.test.ts')}`))
const routes = SOURCES.filter(path => path.startsWith('src/http/routes/'))
const longestOf = (paths: readonly string[]) => paths.flatMap(functionsOf).sort((a, b) => b[1] - a[1])[0]!
const comments = SOURCES.flatMap(path => textOf(path).split('\n')).filter(line =>
  /^\s*(\/\*\*|\*|\/\/)/.test(line),
).length
const lies = filesOf('test/lies', /\.json$/).map(path => JSON.parse(textOf(path)) as { expect: string })
const filesThatHold = (holds: boolean) => lies.filter(({ expect }) => (expect === 'holds') === holds).length
const { exports } = JSON.parse(textOf('package.json')) as { exports: Record<string, unknown> }

for (const [what, figure] of [
  [
    'files, lines, rooms, and the share of the largest two',
    `${SOURCES.length}; ${total}; ${perRoom.size}; ${shareOf(largest!)}, ${shareOf(second!)}`,
  ],
  ['sources with a test at their path', `${mirrored.length} of ${tested.length}`],
  ['files of tests', `${TESTS.size}`],
  [
    'files above 400 lines: sources, tests',
    `${SOURCES.filter(path => linesOf(path) > 400).length}, ${[...TESTS].filter(path => linesOf(path) > 400).length}`,
  ],
  ['lines of comment', `${((100 * comments) / total).toFixed(0)} %`],
  ['files of routes, and the longest function in them', `${routes.length}; ${longestOf(routes).join(', ')} lines`],
  ['the longest function of all', `${longestOf(SOURCES).join(', ')} lines`],
  [
    'functions above 70 lines, above 50',
    [70, 50].map(most => SOURCES.flatMap(functionsOf).filter(([, lines]) => lines > most).length).join(', '),
  ],
  ['files above 300 lines', `${SOURCES.filter(path => linesOf(path) > 300).length}`],
  ['lies, and truths beside them', [false, true].map(holds => filesThatHold(holds)).join(', ')],
  ['exports for outsiders', `${Object.keys(exports).length - 1}`],
])
  console.log(`${what}: ${figure}`)
