import { show } from '../shell/page.tsx'
import { TransparencyPage } from './page.tsx'

show(TransparencyPage)
