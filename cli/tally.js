#!/usr/bin/env node
// Starts `tally`: from the sources where they are (Node runs TypeScript as it is), from the build where it was installed.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`tally needs Node 22.18 or later, this is ${process.versions.node}.`)
  console.error('In a checkout, `npx tally` and `npm start` use the Node that `npm ci` installed.')
  process.exit(2)
}
const sources = new URL('./main.ts', import.meta.url)
const isSource = existsSync(sources)
// Half of a start is spent on reading code: what comes of it is kept, in a folder that is as private as the code itself.
// Beside an installed package that is `node_modules/.cache`; where it cannot be written, nothing is kept.
const packages = ['../node_modules', '../..'].map(path => new URL(path, import.meta.url)).find(existsSync)
module.enableCompileCache(fileURLToPath(new URL(`${packages}/.cache/tallystick`)))
// Where `head` has seen enough, nobody reads on: that is no bug of ours, and no 0 either, as not all was said.
process.stdout.on('error', error => {
  if (error.code !== 'EPIPE') throw error
  process.exit(130)
})
const { main } = await import(isSource ? sources.href : new URL('../dist/cli/main.js', import.meta.url).href)
await main(process.argv)
