import { untilSealed } from '../client/until-sealed.ts'
import { parseBehaviour, parseProgramme, TEMPLATES } from '../programmes/index.ts'
import { type ImportedEvent, type ImportOptions, type ImportReport, ImportRun } from './import-run.ts'

/** Lines that are read before what they earned is handed over. */
const CHUNK_LINES = 4000

/**
 * Imports a behaviour file (Alibaba Tianchi data set 649) under the programme `behaviour`: each line is an event. A
 * line that stands twice in a file is two events; in two files it is one, so that a file may be sent again, in parts
 * and in any order. Ends when all of it is in a checkpoint. Holds a number for each line.
 *
 * @throws FormatError `csv-line`; ClientError; OutcomeError where an account or the programme is refused.
 */
export async function importTaobao(lines: AsyncIterable<string>, options: ImportOptions): Promise<ImportReport> {
  const programme = parseProgramme(JSON.stringify(TEMPLATES['behaviour']))
  const times = { nowMs: Date.now, reversalMs: Date.now }
  const run = await ImportRun.open(programme, options, times)
  let isComplete = false
  try {
    isComplete = await takeAll(lines, run, options)
  } finally {
    // What ended the import is said, and not that the ledger does not answer either.
    await run.end().catch((error: unknown) => {
      if (isComplete) throw error
    })
  }
  if (isComplete) await untilSealed(options.client, options.signal)
  return { ...run.report, isComplete }
}

/** Returns whether it came to the end of the lines. */
async function takeAll(lines: AsyncIterable<string>, run: ImportRun, options: ImportOptions): Promise<boolean> {
  const { report } = run
  const repeats = new Map<string, number>()
  let chunk: ImportedEvent[] = []
  for await (const line of lines) {
    if (options.signal.aborted) return false
    report.lines++
    if (report.lines % 1000 === 0) options.onProgress(report.lines)
    const event = eventOf(line, report, options, repeats)
    if (event !== undefined) chunk.push(event)
    if (chunk.length < CHUNK_LINES) continue
    await run.take(chunk)
    chunk = []
  }
  await run.take(chunk)
  options.onProgress(report.lines)
  return true
}

function eventOf(
  line: string,
  report: ImportReport,
  { skipBad }: ImportOptions,
  repeats: Map<string, number>,
): ImportedEvent | undefined {
  if (line.trim() === '') return undefined
  try {
    const { user, item, category, behaviour, timeMs } = parseBehaviour(line, report.lines)
    const repeat = repeats.get(line) ?? 0
    repeats.set(line, repeat + 1)
    return { id: `${line},${repeat}`, type: behaviour, time: timeMs, member: user, data: { item, category } }
  } catch (error) {
    if (!skipBad) throw error
    report.badLines++
    return undefined
  }
}
