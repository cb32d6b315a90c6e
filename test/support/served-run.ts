import type { CommandName, CommandsAnswer } from '../../src/dashboard/answers/commands.ts'
import { ask, type HttpAnswer } from './ask.ts'
import type { Running } from './command-line.ts'
import type { SquaresProject } from './squares-project.ts'

/** So many steps that a run ends only when it is told to; few checkpoints and evaluations but those that are asked for. */
const endless = ['--epochs', '200000', '--set', 'evaluation.every={"epochs":100000}', '--set', 'checkpoints.every=null']

/** A run that is trained by a process with `--serve`. */
export class ServedRun {
  readonly running: Running
  readonly run: string
  /** As it was printed: with the token, and the page of the run. */
  readonly printed: string
  readonly url: string
  readonly token: string
  /** What a browser sends that has opened the printed address. */
  readonly cookie: string

  private constructor(running: Running, run: string, printed: string) {
    const { origin, port, searchParams } = new URL(printed)
    this.running = running
    this.run = run
    this.printed = printed
    this.url = `${origin}/`
    this.token = searchParams.get('token') ?? ''
    this.cookie = `chronograd-${port}=${this.token}`
  }

  /** Trains squares on and on, with the facts on standard output. */
  static train(project: SquaresProject, ...args: string[]): Promise<ServedRun> {
    return ServedRun.of(project.startTraining('--json', '--serve-port', '0', ...endless, ...args))
  }

  /** Resolves when the first step of the attempt is done. */
  static async of(running: Running): Promise<ServedRun> {
    let told = ''
    running.child.stderr?.on('data', text => {
      told += text
    })
    await running.seen(/"type":"step\.completed"/)
    const [printed = ''] = /http:\S+/.exec(told) ?? []
    return new ServedRun(running, decodeURIComponent(printed.split('#/runs/')[1] ?? ''), printed)
  }

  /** What may be asked of it now. */
  async commands(): Promise<CommandsAnswer> {
    const { body } = await ask(this, `/api/runs/${this.run}/commands`, { Cookie: this.cookie })
    return JSON.parse(body)
  }

  /** Commands it as the page does, with some headers otherwise. */
  send(command: CommandName, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    const all = { Cookie: this.cookie, 'Content-Type': 'application/json', ...headers }
    return ask(this, `/api/runs/${this.run}/commands`, all, 'POST', JSON.stringify({ command }))
  }

  /** Resolves when a fact was told. */
  async told(type: string): Promise<void> {
    await this.running.seen(new RegExp(`"type":"${type.replace('.', '\\.')}"`))
  }
}
