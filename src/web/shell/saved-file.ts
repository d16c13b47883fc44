import { useEffect, useState } from 'preact/hooks'

/** What an anchor takes to save bytes as a file: nothing until there is an address for them in this browser. */
export function useFile(bytes: Uint8Array | undefined): { readonly href: string } | undefined {
  const [made, setMade] = useState<{ readonly href: string }>()
  useEffect(() => {
    if (bytes === undefined) return
    const href = URL.createObjectURL(new Blob([bytes.slice()], { type: 'application/octet-stream' }))
    setMade({ href })
    return () => URL.revokeObjectURL(href)
  }, [bytes])
  return made
}
