import { Argument, Command, Option } from 'commander'
import { defaultRelease, knownReleases } from '../../backends/tensorflow/pinned-files.ts'
import { setUpTensorflow } from '../../backends/tensorflow/setup.ts'
import { withSetupDisplay } from '../setup-display.ts'

interface SetupCommandOptions {
  readonly version: string
  readonly gpu?: true
}

/** `chronograd setup tensorflow`: makes native TensorFlow ready, once a machine. */
export function setupCommand(): Command {
  return new Command('setup')
    .description('Fetch and build what is not part of the package: native TensorFlow, from npm and PyPI, into a cache.')
    .addArgument(new Argument('<what>', 'what to set up').choices(['tensorflow']))
    .addOption(new Option('--version <release>', 'which TensorFlow').choices(knownReleases).default(defaultRelease))
    .addOption(new Option('--gpu', 'for NVIDIA GPUs, on Linux x64 with their driver'))
    .action(async (_what: string, { version, gpu }: SetupCommandOptions) => {
      console.log(await withSetupDisplay(told => setUpTensorflow({ version, gpu, ...told })))
    })
}
