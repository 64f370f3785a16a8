import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { out, root } from './paths.mjs';
import { npm, run } from './run.mjs';
import { build } from './setup.mjs';
import { behindStamp, fingerprint } from './stamp.mjs';
import { Plain, step } from './steps.mjs';

const vsce = join(root, 'scripts/vsce');
const cli = join(vsce, 'node_modules/@vscode/vsce/vsce');

/** Installs the packager, which is no dependency of the project, unless it is there already. */
export function installVsce() {
  return step('Packager', 'installing vsce from npm', async (done) => {
    const key = fingerprint({ files: ['package-lock.json', '.npmrc'].map((file) => join(vsce, file)) });
    const worked = await behindStamp(join(vsce, 'node_modules/.stamp'), key, () => npm(['ci'], { cwd: vsce }));
    done(worked ? 'vsce installed from npm' : 'vsce, in scripts/vsce');
  });
}

/**
 * Builds and packages the extension for one platform, this one by default: the native part of ONNX Runtime for the others stays out.
 * @param {string} [target] what VS Code calls the platform, such as `linux-x64`
 * @returns {Promise<string>} the file
 */
export async function packageExtension(target = `${process.platform}-${process.arch}`) {
  const [platform, arch] = target.split('-');
  const native = `node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}`;
  if (!existsSync(join(root, native))) throw new Plain(`ONNX Runtime has no native part for ${target}. Choose a platform that ${join('node_modules/onnxruntime-node/bin/napi-v6')} has.`);
  await installVsce();
  await build('--production');
  return step('VSIX', 'vsce package', async (done) => {
    mkdirSync(out, { recursive: true });
    const ignore = join(out, 'vscodeignore');
    writeFileSync(ignore, `${readFileSync(join(root, '.vscodeignore'), 'utf8')}!${native}/**\n`);
    const file = join(out, `cogscope-${target}.vsix`);
    const args = ['package', '--target', target, '--out', file, '--ignoreFile', ignore, '--allow-missing-repository', '--no-rewrite-relative-links'];
    await run(process.execPath, [cli, ...args], { cwd: root });
    done(`out/cogscope-${target}.vsix, ${(statSync(file).size / 1e6).toFixed(1)} MB`);
    return file;
  });
}
