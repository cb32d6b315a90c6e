import { Argument, Command } from 'commander'
import { setUpTensorflow } from '../../backends/tensorflow/setup.ts'

/** `chronograd setup tensorflow`: makes native TensorFlow ready, once a machine. */
export function setupCommand(): Command {
  return new Command('setup')
    .description('Fetch and build what is not part of the package: native TensorFlow, from npm and PyPI, into a cache.')
    .addArgument(new Argument('<what>', 'what to set up').choices(['tensorflow']))
    .action(async () => {
      const folder = await setUpTensorflow({ onProgress: sentence => console.error(sentence) })
      console.log(folder)
    })
}
