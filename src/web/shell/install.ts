/** What browsers that can install pages give to a page. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>
}

let offer: InstallOffer | undefined

/** Keeps the offer of the browser to install the page, which comes once, early. */
export function awaitInstallOffer(): void {
  addEventListener('beforeinstallprompt', event => {
    event.preventDefault()
    offer = event as InstallOffer
  })
}

/** Asks the visitor to install the page; undefined where the browser offers nothing, or has already. */
export function installOffer(): (() => void) | undefined {
  if (offer === undefined) return undefined
  const given = offer
  return () => {
    offer = undefined
    void given.prompt()
  }
}
