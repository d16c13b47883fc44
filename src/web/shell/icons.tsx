import type { ComponentChildren } from 'preact'

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg viewBox="0 0 18 18" aria-hidden="true" focusable="false">
      {children}
    </svg>
  )
}

const STROKE = {
  fill: 'none',
  stroke: 'currentColor',
  'stroke-width': '1.6',
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
} as const

const UPPER = 'M5 2h3.6v6H4V3a1 1 0 0 1 1-1zM10.4 2H17a1 1 0 0 1 1 1v5h-7.6z'

/** Both halves fit. */
export function FitsIcon() {
  return (
    <Icon>
      <path fill="currentColor" d={UPPER} />
      <path fill="currentColor" d="M0 10h8.6v6H1a1 1 0 0 1-1-1zM10.4 10H18v5a1 1 0 0 1-1 1h-6.6z" />
    </Icon>
  )
}

/** The halves do not meet. */
export function BreaksIcon() {
  return (
    <Icon>
      <path fill="currentColor" d={UPPER} />
      <path fill="currentColor" d="M0 11.6h12v6H1a1 1 0 0 1-1-1zM13.8 11.6H18v5a1 1 0 0 1-1 1h-3.2z" />
    </Icon>
  )
}

/** Half a stick: only their word. */
export function HalfIcon() {
  return (
    <Icon>
      <path fill="currentColor" d={UPPER} />
      <path d="M.7 10.7h16.6v4.6H.7z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-dasharray="2.2 1.8" />
    </Icon>
  )
}

export function FileIcon() {
  return (
    <Icon>
      <path d="M4 1.5h6.5L14 5v11.500H4zM10 2v3.500h3.5" {...STROKE} />
    </Icon>
  )
}

export function CameraIcon() {
  return (
    <Icon>
      <path d="M2 5.5h3l1.5-2h5l1.5 2h3v9H2z" {...STROKE} />
      <circle cx="9" cy="9.800" r="2.6" {...STROKE} />
    </Icon>
  )
}

/** To be saved. */
export function SaveIcon() {
  return (
    <Icon>
      <path d="M9 2v9m-4-4 4 4 4-4M3 15h12" {...STROKE} />
    </Icon>
  )
}

/** To be sent. */
export function SendIcon() {
  return (
    <Icon>
      <path d="M2.5 9 15.5 3l-3.500 12-3-5zM9 10l6.500-7" {...STROKE} />
    </Icon>
  )
}

/** A line that opens: turned over while it is open. */
export function OpensIcon() {
  return (
    <Icon>
      <path d="M4 7l5 5 5-5" {...STROKE} />
    </Icon>
  )
}

/** The other theme. */
export function ThemeIcon() {
  return (
    <Icon>
      <circle cx="9" cy="9" r="6.5" {...STROKE} />
      <path fill="currentColor" d="M9 2.500a6.5 6.5 0 0 1 0 13z" />
    </Icon>
  )
}

/** The sign of the project: a stick, split. */
export function BrandIcon() {
  return (
    <svg viewBox="0 0 34 22" aria-hidden="true" focusable="false">
      <path fill="var(--wood)" d="M6 1h27v8.600c-4 1.4-8-1-13 0s-9 1-14 0z" />
      <path fill="var(--wood-deep)" d="M0 12c5 1.3 10 1.3 15.5.2s12-1.4 18.5.2v8.600H0z" />
      <path
        fill="var(--notch)"
        d="M11 1h1.600v9.300H11zM16 1h3v8.800h-3zM25 1h1.600v9h-1.600zM11 12.800h1.600V21H11zM16 12.300h3V21h-3zM25 11.900h1.600V21h-1.600z"
      />
    </svg>
  )
}
