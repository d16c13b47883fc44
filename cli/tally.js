#!/usr/bin/env node
// Starts `tally`: from the sources where they are (Node runs TypeScript as it is), from the build where it was installed.
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`tally needs Node 22.18 or later, this is ${process.versions.node}.`)
  console.error('In a checkout, `npx tally` and `npm start` use the Node that `npm ci` installed.')
  process.exit(2)
}
const sources = new URL('./main.ts', import.meta.url)
const { main } = await import(existsSync(sources) ? sources.href : new URL('../dist/cli/main.js', import.meta.url).href)
await main(process.argv)
