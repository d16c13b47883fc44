import { show } from '../shell/page.tsx'
import { readyPromises } from '../words/promises.ts'
import { TransparencyPage } from './page.tsx'

show(TransparencyPage, readyPromises)
