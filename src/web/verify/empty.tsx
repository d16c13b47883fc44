import type { ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import { FileIcon } from '../shell/icons.tsx'
import { useWords } from '../shell/language.ts'
import type { SampleName } from './files.ts'
import { VERIFY } from './words.ts'

export interface EmptyProps {
  readonly isOver: boolean
  readonly isAlone: boolean
  /** What was done with what was dropped, where that was nothing to verify. */
  readonly note: string | undefined
  readonly scan?: ComponentType<{ onText(text: string): unknown }> | undefined
  onFiles(files: FileList | null): unknown
  onText(text: string): unknown
  onSample(name: SampleName): unknown
}

/** A button that picks files: the input of the browser, so that it works with any hand. */
export function Pick({
  label,
  isPlain = false,
  onFiles,
}: {
  label: string
  isPlain?: boolean
  onFiles: EmptyProps['onFiles']
}) {
  return (
    <label class={isPlain ? 'button plain pick' : 'button pick'}>
      <FileIcon />
      <span>{label}</span>
      <input
        type="file"
        multiple
        onChange={event => {
          const { files } = event.currentTarget
          void onFiles(files)
        }}
      />
    </label>
  )
}

/** Nothing was shown yet: what to drop, and samples. */
export function Empty({ isOver, isAlone, note, scan: Scan, onFiles, onText, onSample }: EmptyProps) {
  const words = useWords(VERIFY)
  const [text, setText] = useState('')
  return (
    <>
      <div class="verdict">
        <h1>{words.head}</h1>
        <p>{words.headMore}</p>
      </div>
      <div class={isOver ? 'drop over' : 'drop'}>
        <div class="acts">
          <Pick label={words.choose} onFiles={onFiles} />
        </div>
        <p class="small soft prose">
          {words.kinds} {words.bring}
        </p>
        {note !== undefined && (
          <p class="small" role="status">
            {note}
          </p>
        )}
        <details>
          <summary>{words.paste}</summary>
          <form
            onSubmit={event => {
              event.preventDefault()
              if (text.trim() !== '') void onText(text)
            }}
          >
            <label>
              {words.pasteLabel}
              <textarea value={text} spellcheck={false} onInput={event => setText(event.currentTarget.value)} />
            </label>
            <button type="submit" class="button plain">
              {words.pasteCheck}
            </button>
          </form>
        </details>
        {Scan && <Scan onText={onText} />}
      </div>
      <div class="cols">
        <section>
          <h2>{words.noFile}</h2>
          <p class="small">{words.tryOne}</p>
          <p class="samples">
            {(['holds', 'breaks', 'refused'] as const).map(name => (
              <button key={name} type="button" class="link" onClick={() => void onSample(name)}>
                {words.samples[name]}
              </button>
            ))}
          </p>
          <p class="tiny soft">{words.sampleNote}</p>
        </section>
        <section>
          <h2>{words.whoGave}</h2>
          <p class="small">{words.whoGaveText}</p>
          {!isAlone && (
            <p class="small">
              <a href="/verify.html" download="tallystick-verify.html">
                {words.oneFile}
              </a>
            </p>
          )}
        </section>
      </div>
    </>
  )
}
