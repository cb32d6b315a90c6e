import type { Benchmark, Contender } from '../framework/definition.ts'
import { nodeContender, type ProcessRound, pythonContender } from '../framework/process-contender.ts'

/** How many steps a run logs before it is killed, and in a round that is timed. */
const steps = 2_000

/** Nothing is to be sent anywhere, nor asked for. */
const offline = {
  WANDB_MODE: 'offline',
  WANDB_SILENT: 'true',
  WANDB_ERROR_REPORTING: 'false',
  MLFLOW_DISABLE_TELEMETRY: 'true',
  AIM_NO_TELEMETRY: '1',
  HF_HUB_OFFLINE: '1',
}

/** Those in Python by the names that `peers.py` has for them. Of slow ones fewer steps are timed. */
const pythonPeers = [
  { name: 'TensorBoard', tool: 'tensorboard', timed: steps },
  { name: 'tensorboardX', tool: 'tensorboardX', timed: steps },
  { name: 'MLflow, SQLite', tool: 'mlflow', timed: steps / 10 },
  { name: 'W&B, offline', tool: 'wandb', timed: steps },
  { name: 'trackio', tool: 'trackio', timed: steps },
  { name: 'Aim', tool: 'aim', timed: steps },
] as const

function contenders(round: 'cost' | 'kept'): { ours: Contender; peers: Contender[] } {
  const inNode = (name: string, program: string, timed: number): ProcessRound => {
    return { name, program, round, options: { steps: round === 'cost' ? timed : steps } }
  }
  return {
    ours: nodeContender(inNode('Chronograd', 'log/ours.ts', steps)),
    peers: [
      ...pythonPeers.map(({ name, tool, timed }) => {
        const options = { steps: round === 'cost' ? timed : steps }
        return pythonContender({ name, program: 'log/peers.py', args: [tool], round, options, env: offline })
      }),
      nodeContender(inNode('emmett, SQLite', 'log/emmett.ts', steps / 4)),
    ],
  }
}

export const benchmark: Benchmark = {
  name: 'log',
  about:
    'What recording six scalars costs a training step, and how many steps can be read after the process is killed.',
  rounds: 5,
  comparisons: [
    {
      cases: {
        'a step': { unit: 'µs', better: 'lower', targets: { ratio: { TensorBoard: 5 } } },
        'a step, processor': { unit: 'µs', better: 'lower' },
      },
      ...contenders('cost'),
    },
    {
      cases: { 'kept of 2,000': { unit: 'steps', better: 'higher', targets: { ours: steps } } },
      rounds: 3,
      warmUps: 0,
      ...contenders('kept'),
    },
  ],
}
