import { useState } from 'preact/hooks'
import { useWords } from '../../shell/language.ts'
import { Pick } from '../../verify/empty.tsx'
import type { SendResult } from './messages.ts'
import { bytesOfFiles, Failure, PassphraseField, useHandWork } from './own-parts.tsx'
import type { OwnThread } from './own-thread.ts'
import { Became } from './sign.tsx'
import { OWN } from './words.ts'

/** Puts another key in place of a lost one, with the recovery keys of the account. */
export function Recover({ thread }: { thread: OwnThread }) {
  const words = useWords(OWN)
  const [files, setFiles] = useState<readonly Uint8Array[]>([])
  const [newKey, setNewKey] = useState<Uint8Array>()
  const [passphrase, setPassphrase] = useState('')
  const [became, setBecame] = useState<SendResult>()
  const { isRunning, failure, run } = useHandWork()
  const recover = (key: Uint8Array | undefined) =>
    run(async () => {
      setBecame(undefined)
      setBecame(await thread.recover(files, key, passphrase === '' ? undefined : passphrase))
    })
  return (
    <div class="form">
      <p class="prose">{words.recoverMore}</p>
      <p class="acts">
        <Pick label={words.recoverFiles} isPlain onFiles={async list => setFiles(await bytesOfFiles(list))} />
        <Pick label={words.recoverNew} isPlain onFiles={async list => setNewKey((await bytesOfFiles(list))[0])} />
      </p>
      <p class="small soft" role="status">
        {words.recoverChosen(files.length + (newKey === undefined ? 0 : 1))}
      </p>
      {failure?.code === 'key-locked' && <PassphraseField value={passphrase} onValue={setPassphrase} />}
      <p class="acts">
        <button
          type="button"
          class="button"
          disabled={isRunning || files.length < 2 || newKey === undefined}
          onClick={() => recover(newKey)}
        >
          {words.recoverBegin}
        </button>
        <button
          type="button"
          class="button plain"
          disabled={isRunning || files.length < 2}
          onClick={() => recover(undefined)}
        >
          {words.recoverFinish}
        </button>
      </p>
      {isRunning && <p role="status">{words.signing}</p>}
      <Failure of={failure} />
      {became && <Became result={became} />}
      {became?.became === 'accepted' && <p>{newKey === undefined ? words.recoverDone : words.recoverBegun}</p>}
    </div>
  )
}
