import { spawnSync } from 'node:child_process';
import { resolveTool } from './resolve-tool.ts';

// `npm run format`: puts every file into shape and mends what the linter can mend by itself.
const { status } = spawnSync(
  process.execPath,
  [resolveTool('biome'), 'check', '--write', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
  },
);
process.exitCode = status ?? 1;
