import { useEffect, useRef, useState } from 'preact/hooks'
import { BarcodeDetector } from 'qr/decode.js'
import { CameraIcon, FileIcon } from './icons.tsx'
import { useWords } from './language.ts'
import { SCAN } from './scan-words.ts'

/** How often a picture of the camera is looked at. */
const EVERY_MS = 200

export interface ScanProps {
  /** What a code says: untrusted. */
  onText(text: string): unknown
}

/** Reads a code: from the camera, or from a picture of one, so that it needs no camera. Nothing leaves the page. */
export function Scan({ onText }: ScanProps) {
  const words = useWords(SCAN)
  const [isOn, setOn] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const found = (text: string) => {
    setOn(false)
    setTrouble(undefined)
    onText(text)
  }
  const takePicture = async (file: File | undefined) => {
    if (file === undefined) return
    const text = await textIn(file)
    if (text === undefined) setTrouble(words.noCode)
    else found(text)
  }
  return (
    <div class="scan">
      <div class="acts">
        <button type="button" class="button plain" aria-pressed={isOn} onClick={() => setOn(!isOn)}>
          <CameraIcon />
          <span>{isOn ? words.cameraOff : words.camera}</span>
        </button>
        <label class="button plain pick">
          <FileIcon />
          <span>{words.picture}</span>
          <input
            type="file"
            accept="image/*"
            onChange={event => {
              const { files } = event.currentTarget
              void takePicture(files?.[0])
            }}
          />
        </label>
      </div>
      {isOn && (
        <Camera
          onText={found}
          onTrouble={() => {
            setOn(false)
            setTrouble(words.noCamera)
          }}
        />
      )}
      {trouble !== undefined && (
        <p class="small" role="alert">
          {trouble}
        </p>
      )}
    </div>
  )
}

function Camera({ onText, onTrouble }: ScanProps & { onTrouble(): void }) {
  const words = useWords(SCAN)
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    let stream: MediaStream | undefined
    let isOver = false
    const start = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      const player = video.current
      if (isOver || player === null) return
      player.srcObject = stream
      await player.play()
      while (!isOver) {
        const text = await textIn(player)
        if (text !== undefined && !isOver) {
          onText(text)
          return
        }
        await new Promise(resolve => setTimeout(resolve, EVERY_MS))
      }
    }
    start()
      .catch(() => isOver || onTrouble())
      .finally(() => isOver && stop())
    const stop = () => {
      for (const track of stream?.getTracks() ?? []) track.stop()
    }
    return () => {
      isOver = true
      stop()
    }
  }, [])
  return <video ref={video} class="camera" playsInline muted aria-label={words.pointAt} />
}

/** What the first code in a picture says; undefined where there is none. */
async function textIn(picture: File | HTMLVideoElement): Promise<string | undefined> {
  try {
    const image = await createImageBitmap(picture)
    try {
      const [code] = await new BarcodeDetector().detect(image)
      return code?.rawValue
    } finally {
      image.close()
    }
  } catch {
    return undefined
  }
}
