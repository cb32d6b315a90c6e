import { render } from 'preact'
import { InspectorPage } from './inspector-page.tsx'
import '../style/tokens.css'
import '../style/base.css'
import '../style/run.css'
import '../style/log.css'
import '../style/inspect.css'

const place = document.getElementById('page')
if (place !== null) render(<InspectorPage />, place)
