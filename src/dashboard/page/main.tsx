import { render } from 'preact'
import { App } from './app.tsx'
import './style/tokens.css'
import './style/base.css'
import './style/runs.css'
import './style/compare.css'
import './style/run.css'
import './style/log.css'
import './style/layers.css'
import './style/look.css'
import './style/commands.css'

const place = document.getElementById('page')
if (place !== null) render(<App />, place)
