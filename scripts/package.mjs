/** npm run package [-- TARGET]: builds the extension for a platform (this one without a name) as out/cogscope-TARGET.vsix. */
import { underPinnedNode } from './lib/pinned-node.mjs';
import { installPackages } from './lib/setup.mjs';
import { main } from './lib/steps.mjs';
import { packageExtension } from './lib/vsix.mjs';

await underPinnedNode();

await main(async () => {
  await installPackages();
  await packageExtension(process.argv[2]);
});
