import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { SaveIcon } from '../../shell/icons.tsx'
import { useWords } from '../../shell/language.ts'
import { useFile } from '../../shell/saved-file.ts'
import { OWN } from './words.ts'

/** A button that saves bytes as a file. */
export function Save({ bytes, file, children }: { bytes: Uint8Array; file: string; children: ComponentChildren }) {
  const saved = useFile(bytes)
  return (
    <a class="button plain" {...saved} download={file}>
      <SaveIcon />
      <span>{children}</span>
    </a>
  )
}

/** Work that was begun by hand: whether it is under way, and the code of why it did not succeed. */
export interface HandWork {
  readonly isRunning: boolean
  readonly failure: { readonly code: string; readonly message: string } | undefined
  /** Does it, one at a time; what it throws becomes the failure. */
  run(work: () => Promise<void>): void
}

export function useHandWork(): HandWork {
  const [isRunning, setRunning] = useState(false)
  const [failure, setFailure] = useState<HandWork['failure']>()
  const run = (work: () => Promise<void>) => {
    if (isRunning) return
    setRunning(true)
    setFailure(undefined)
    work()
      .catch((error: unknown) => {
        const { code = 'internal', message } = error as { code?: string; message: string }
        setFailure({ code, message })
      })
      .finally(() => setRunning(false))
  }
  return { isRunning, failure, run }
}

/** Why it did not succeed, and what to do: after the sentence stand the verifier's own words and the code. */
export function Failure({ of }: { of: HandWork['failure'] }) {
  const words = useWords(OWN)
  if (of === undefined) return null
  return (
    <div class="refused" role="alert">
      <b>{words.errors[of.code] ?? words.error}</b>
      <p class="tiny soft" lang="en">
        {of.message} (<code>{of.code}</code>)
      </p>
    </div>
  )
}

interface FormFieldProps {
  readonly label: string
  readonly more?: ComponentChildren
  readonly value: string
  readonly type?: keyof typeof TYPES
  readonly isOptional?: boolean
  readonly autocomplete?: 'off' | 'current-password' | 'new-password'
  onValue(value: string): void
}

/** A field with its name above and what to know below. */
export function Field(props: FormFieldProps) {
  const { label, value, type = 'text', isOptional = false, autocomplete = 'off', onValue } = props
  const id = useId()
  const more = props.more
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        {...(TYPES[type] as { type: 'text' })}
        value={value}
        required={!isOptional}
        autocomplete={autocomplete}
        {...(more === undefined ? {} : { 'aria-describedby': `${id}-more` })}
        onInput={event => onValue(event.currentTarget.value)}
      />
      {more !== undefined && (
        <span class="tiny soft" id={`${id}-more`}>
          {more}
        </span>
      )}
    </p>
  )
}

/** Asks for the passphrase of a key. */
export function PassphraseField({ value, onValue }: Pick<FormFieldProps, 'value' | 'onValue'>) {
  const { passphrase } = useWords(OWN)
  return <Field label={passphrase} type="password" autocomplete="current-password" value={value} onValue={onValue} />
}

/** A whole number is a text: a field of numbers would take 1e3, and scroll to another. */
const TYPES = {
  text: { type: 'text' },
  number: { type: 'text', inputMode: 'numeric', pattern: '[0-9]*' },
  password: { type: 'password' },
  'datetime-local': { type: 'datetime-local' },
} as const

/** The bytes of files that were picked. */
export function bytesOfFiles(list: FileList | readonly File[] | null): Promise<Uint8Array[]> {
  return Promise.all([...(list ?? [])].map(async one => new Uint8Array(await one.arrayBuffer())))
}
