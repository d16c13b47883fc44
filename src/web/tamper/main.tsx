import { show } from '../shell/page.tsx'
import { TamperPage } from './page.tsx'

show(TamperPage)
