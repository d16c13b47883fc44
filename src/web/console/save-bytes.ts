/** Has the browser save bytes under a name. */
export function saveBytes(bytes: Uint8Array, name: string, type: string): void {
  const href = URL.createObjectURL(new Blob([bytes.slice()], { type }))
  const link = Object.assign(document.createElement('a'), { href, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(href), 60_000)
}
