import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { utf8Decode } from '../core/bytes.ts'
import { fileExists, readBytes, writeBytes } from '../node/file-system.ts'

/**
 * A confirmation is of the clock as it stands, so it is soon over; a ledger that starts within this time takes it too.
 */
const CONFIRMED_MS = 10 * 60_000

const confirmationSchema = z.strictObject({ format: z.literal('tallystick/clock/v1'), wallMs: z.number().int() })

function pathIn(data: string): string {
  return join(data, 'clock-confirmed.json')
}

/**
 * Writes down that a person says: the clock of this machine is right. Anyone who can write to the data directory may
 * say so.
 */
export async function confirmClock(data: string, wallMs: number): Promise<void> {
  await writeBytes(pathIn(data), `${JSON.stringify({ format: 'tallystick/clock/v1', wallMs })}\n`, 0o600)
}

/** Whether a confirmation waits for a ledger to take it. */
export function isConfirmationWaiting(data: string): Promise<boolean> {
  return fileExists(pathIn(data))
}

/** Takes a confirmation, once: true where there is one, and the clock has gone on since and has not been set. */
export async function takeClockConfirmation(data: string, wallMs: number): Promise<boolean> {
  const path = pathIn(data)
  if (!(await fileExists(path))) return false
  const said = await readBytes(path)
    .then(bytes => confirmationSchema.safeParse(JSON.parse(utf8Decode(bytes))).data?.wallMs)
    .catch(() => undefined)
  await unlink(path).catch(() => {})
  return said !== undefined && wallMs >= said && wallMs - said <= CONFIRMED_MS
}
