import type { SingleBar } from 'cli-progress'

/**
 * What moves a terminal, hides text or turns its order around: control and format characters, separators of lines,
 * halves.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/**
 * Text as it may reach a terminal, no matter who wrote it: every character that is not seen as itself, but for ends of
 * lines, stands as `\uXXXX`, as in JSON, so that JSON stays what it was.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, character => (character === '\n' ? character : escaped(character)))
}

/** The same in one line: what came from outside begins no line of its own. */
export function inOneLine(text: string): string {
  return text.replace(UNSEEN, escaped)
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
  return units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

/** Rows under each other, columns aligned; numbers to the right. A cell is one line, whatever is in it. */
export function table(cells: readonly (readonly (string | number)[])[]): string {
  const rows = cells.map(row => row.map(cell => (typeof cell === 'number' ? cell : inOneLine(cell))))
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, String(cell).length)
    })
  const lines = rows.map(row =>
    row
      .map((cell, i) =>
        typeof cell === 'number' ? String(cell).padStart(widths[i]!) : String(cell).padEnd(widths[i]!),
      )
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** A time as people and programs both read it. */
export function when(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

/** Long work, shown on a terminal and silent elsewhere. */
export interface Progress {
  update(done: number, total: number): void
  stop(): void
}

/** A progress bar on standard error, if that is a terminal. Only there its package is loaded. */
export function progressBar(what: string, unit: string): Progress {
  if (!process.stderr.isTTY) return { update() {}, stop() {} }
  let bar: SingleBar | undefined
  let isStarted = false
  let isStopped = false
  void import('cli-progress').then(({ default: { SingleBar } }) => {
    if (isStopped) return
    bar = new SingleBar({
      format: `${what} {bar} {percentage}% | {value}/{total} ${unit} | {eta_formatted} left`,
      hideCursor: true,
      stream: process.stderr,
    })
  })
  return {
    update(done, total) {
      if (bar === undefined) return
      if (!isStarted) bar.start(total, done)
      isStarted = true
      bar.setTotal(total)
      bar.update(done)
    },
    stop() {
      isStopped = true
      if (isStarted) bar?.stop()
    },
  }
}

/** A progress bar for the stage of work that goes on now; the bar of the stage before it ends. */
export function stageBars(): { onStage(stage: string, done: number, total: number): void; stop(): void } {
  let stage: string | undefined
  let bar: Progress | undefined
  return {
    onStage(name, done, total) {
      if (name !== stage) {
        bar?.stop()
        bar = progressBar(name[0]!.toUpperCase() + name.slice(1), 'entries')
        stage = name
      }
      bar?.update(done, total)
    },
    stop() {
      bar?.stop()
    },
  }
}

/** Writes to standard output. All that does goes through here. */
export function print(text: string): void {
  process.stdout.write(visible(text))
}

/** Writes a JSON value to standard output, for machines. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, undefined, 2)}\n`)
}

/**
 * Writes a remark, or an error, to standard error, where it is not mistaken for a result. All that does goes through
 * here.
 */
export function note(text: string): void {
  process.stderr.write(visible(`${text}\n`))
}
