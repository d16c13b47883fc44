import { useState } from 'preact/hooks'
import { installOffer } from '../../shell/install.ts'
import { useWords } from '../../shell/language.ts'
import type { OwnLook } from './messages.ts'
import { Failure, Field, Save, useHandWork } from './own-parts.tsx'
import type { OwnThread } from './own-thread.ts'
import { OWN } from './words.ts'

interface DeviceProps {
  readonly thread: OwnThread
  readonly look: OwnLook
  onForgotten(): void
}

/** What this device keeps, and how it is kept from others, saved, or forgotten. */
export function DevicePart({ thread, look: { hasKey, isKeyKept }, onForgotten }: DeviceProps) {
  const words = useWords(OWN)
  const [passphrase, setPassphrase] = useState('')
  const [isKept, setKept] = useState(isKeyKept)
  const [locked, setLocked] = useState<Uint8Array>()
  const { isRunning, failure, run } = useHandWork()
  const keep = () =>
    run(async () => {
      await thread.keepKey(passphrase)
      setLocked(await thread.lockedFile(passphrase))
      setKept(true)
      setPassphrase('')
    })
  return (
    <section>
      <h2>{words.device}</h2>
      <Install />
      {hasKey && (
        <details class="more">
          <summary>{isKept ? words.keyKept : words.keepKey}</summary>
          <form
            class="form"
            onSubmit={event => {
              event.preventDefault()
              keep()
            }}
          >
            <Field
              label={words.passphrase}
              type="password"
              autocomplete="new-password"
              value={passphrase}
              onValue={setPassphrase}
              more={words.keepKeyMore}
            />
            <p class="acts">
              <button type="submit" class="button plain" disabled={isRunning}>
                {words.keep}
              </button>
              {locked && (
                <Save bytes={locked} file="owner.key.json">
                  {words.saveLocked}
                </Save>
              )}
            </p>
            <Failure of={failure} />
          </form>
        </details>
      )}
      <details class="more">
        <summary>{words.forget}</summary>
        <p class="small soft prose">{words.forgetMore}</p>
        <p class="acts">
          <button
            type="button"
            class="button plain"
            onClick={() =>
              run(async () => {
                await thread.forget()
                onForgotten()
              })
            }
          >
            {words.forgetSure}
          </button>
        </p>
      </details>
    </section>
  )
}

/** A button where the browser can install the page. */
function Install() {
  const words = useWords(OWN)
  const [install, setInstall] = useState<(() => void) | undefined>(installOffer)
  if (install === undefined) return null
  return (
    <p class="acts">
      <button
        type="button"
        class="button plain"
        onClick={() => {
          install()
          setInstall(undefined)
        }}
      >
        {words.install}
      </button>
    </p>
  )
}
